"""What a check found of a connection: what fails in it and what to do, what is worth a word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pipelines.config import Config, ConnectionConfig
from pipelines.errors import Exit
from sources.errors import Denied, Incomplete, NotSent, Throttled, Unavailable, VendorError
from sources.vendor import Probe, Resource
from state.safety import Spent

CLOCK_OFF = 60.0  # seconds from which a wrong clock is spoken of
CLOCK_NEAR = 2.0  # seconds that say nothing: the vendor tells whole ones


@dataclass(frozen=True, slots=True)
class Memory:
    """What the safety record knows of a connection: its day's writes, when it was read in full, a changed account."""

    spent: Spent | None
    read_at: datetime | None
    stranger: str | None


@dataclass(frozen=True)
class Findings:
    """What was found of one connection. ``probes``: by resource, those that were made. ``secrets``: their keys.

    ``reachable``: the address answered at all. ``ahead``: seconds that our clock is ahead of the vendor's.
    ``unset``: what is wrong with its secrets before anything can be asked with them.
    """

    config: Config
    connection: ConnectionConfig
    probes: Mapping[str, Probe]
    secrets: Sequence[str]
    memory: Memory | None
    reachable: bool
    ahead: float | None
    unset: str | None = None

    @cached_property
    def credentials(self) -> bool | None:
        """Whether the vendor takes the credentials; None where nothing tells. Let in nowhere means that it does not."""
        if not (probes := self.probes.values()):
            return None
        told = {one.fault.credentials for one in probes if isinstance(one.fault, Denied)}
        if True in told or any(one.listed for one in probes):
            return True
        return False if False in told or all(one.missing_role for one in probes) else None

    @cached_property
    def faults(self) -> tuple[str, ...]:
        """What fails, each with what to do; none where all is well."""
        stranger = self.memory.stranger if self.memory else None
        told = [self.unset, *self._shut_out(), *self._clock_fault(), stranger]
        return tuple(fault for fault in told if fault)

    @property
    def code(self) -> Exit:
        """The code that a check ends with for it: the same as a pull's."""
        if self.unset:
            return Exit.USAGE
        faults = [probe.fault for resource, probe in self.probed() if probe.fault and not resource.optional]
        doubted = any(isinstance(fault, Incomplete) for fault in faults) or (self.memory and self.memory.stranger)
        return Exit.GUARD if doubted else Exit.CONNECTION if self.faults else Exit.DONE

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is worth a word and no failure."""
        off = self.ahead is not None and abs(self.ahead) > CLOCK_OFF and not self._clock_fault()
        optional = [
            f"{resource.name} not read, and not missed: {why(self, probe)}"
            for resource, probe in self.probed()
            if resource.optional and probe.fault and self.credentials is not False
        ]
        return (*([f"this machine's clock is off: {clock_words(self.ahead)}; set it"] if off else []), *optional)

    def probed(self) -> Iterable[tuple[Resource, Probe]]:
        """The resources that were tried, each with its probe."""
        resources = self.connection.vendor.resources
        return [(one, self.probes[one.name]) for one in resources if one.name in self.probes]

    def _shut_out(self) -> list[str]:
        if self.credentials is False and all(one.missing_role for one in self.probes.values()):
            roles = ", ".join(str(one.missing_role) for one in self.probes.values())
            text = (
                f"nothing may be listed: the credentials are wrong or have expired, or lack each of the roles {roles}"
            )
            return [f"{text}. {self.renew()}"]
        return [
            _trouble(self, resource, probe.fault)
            for resource, probe in self.probed()
            if probe.fault and not resource.optional
        ]

    def _clock_fault(self) -> list[str]:
        within = self.connection.vendor.clock_within
        if within is None or self.ahead is None or abs(self.ahead) <= within or self._shut_out():
            return []
        title = self.connection.vendor.title
        return [f"this machine's clock is {clock_words(self.ahead)}, {title} allows {within:.0f} s. What to do: set it"]

    def renew(self) -> str:
        """What to do about secrets that are refused."""
        names = [f"CONNECTIONS__{self.connection.name}__{key}".upper() for key in self.secrets]
        return f"What to do: set {' and '.join(names)} anew"


def _trouble(found: Findings, resource: Resource, fault: VendorError) -> str:
    probe = found.probes[resource.name]
    if isinstance(fault, Denied) and fault.role and found.credentials:
        may = "listed, but may not be read by id" if probe.listed else "may not be listed"
        return f"{resource.name}: {may}: {why(found, probe)}. What to do: give it to the credentials' user"
    where = f"{resource.name}: " if isinstance(fault, Incomplete) else ""
    remedy = "" if "What to do" in str(fault) else _remedy(found, fault)
    return f"{where}{fault}" + (f". {remedy}" if remedy else "")


def why(found: Findings, probe: Probe) -> str:
    """Why a resource cannot be read: a role by its name, where it is that and not the credentials."""
    return f"the role {probe.missing_role} is missing" if found.credentials and probe.missing_role else str(probe.fault)


def _remedy(found: Findings, fault: VendorError) -> str:
    """What to do about a fault whose own text does not say it."""
    match fault:
        case Throttled():
            return f"What to do: check again in a minute; if it stays, lower [connections.{found.connection.name}.pace]"
        case NotSent() if "certificate" in str(fault):
            return "What to do: mend its certificate, or base_url; certificates are always verified"
        case NotSent():
            return "What to do: is base_url right, and may this machine reach it?"
        case Denied():
            return found.renew() if fault.credentials is False else ""
        case Incomplete():
            return "A pull would not believe such a list"
        case Unavailable():
            return "What to do: is base_url the API's own address? If so, the vendor is down: check again later"
    return "What to do: is base_url the API's own address?"


def clock_words(ahead: float | None) -> str:
    """How our clock stands to the vendor's."""
    if ahead is None:
        return "not told"
    if abs(ahead) < CLOCK_NEAR:
        return "right"
    return f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the vendor's"
