"""An open connection to Udesk's open_api_v1: the signature, the list, and the writes.

Sources: Udesk's pages "intro" (signature), "departments" and "agents" (calls); README.md tells what they leave open.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

from mappings.model import Entity, Value
from sources.clock import Clock
from sources.errors import Gone, NotSent, Rejected, Unavailable, Unknown, VendorError
from sources.http import Wire
from sources.message import Call, Reply
from sources.secret import Scrubber, Secret
from sources.udesk.agents import staff
from sources.udesk.answers import accept
from sources.udesk.login import Token, token_of
from sources.udesk.settings import DEPARTMENTS
from sources.udesk.tree import flatten, is_id
from sources.vendor import Connection, Delta, Observed, Page, Probe, Resource, Row, probed

T = TypeVar("T")
Record = dict[str, Any]

NAMED = 5  # departments below one that an error names
LONGEST = 600  # characters of an error; cut after scrubbing, or half a secret could stay


def signature(email: str, token: str, timestamp: str, nonce: str) -> str:
    """Version 2: lower-case hex SHA-256 over e-mail, token, Unix seconds, nonce and "v2", joined by ``&``."""
    return hashlib.sha256("&".join((email, token, timestamp, nonce, "v2")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """Signs each attempt with a nonce and a time of its own: a nonce serves once, a time for five minutes."""

    email: Secret
    token: Token
    clock: Clock
    nonce: Callable[[], str]

    def sign(self, call: Call) -> Call:
        """The call with its five signing parameters."""
        email, nonce = self.email.reveal(), self.nonce()
        timestamp = str(int(self.clock.now().timestamp()))
        sign = signature(email, self.token.get().reveal(), timestamp, nonce)
        credentials = {"email": email, "timestamp": timestamp, "sign": sign, "nonce": nonce, "sign_version": "v2"}
        return replace(call, query=(*call.query, *credentials.items()))


class UdeskClient:
    """An open connection to one tenant; ``nonce`` gives a new, never repeated text at each call."""

    def __init__(
        self,
        connection: Connection,
        wire: Wire,
        scrubber: Scrubber,
        *,
        nonce: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self.wire = wire
        self._scrubber = scrubber
        secrets = connection.secrets
        self._auth = Signature(secrets["email"], token_of(secrets, wire, scrubber), wire.clock, nonce)
        self._tree: dict[str, Record] | None = None
        self._lock = threading.RLock()

    def walk(
        self,
        resource: Resource,
        delta: Delta | None = None,  # noqa: ARG002 - the vendor cannot be asked for changes, and no resource says so
    ) -> Iterator[Page]:
        """The whole tree, one call. No total is declared; ``parent_id`` in the records is derived (``flatten``)."""
        with self._lock:
            tree = flatten(self._ask(Call("GET", resource.path), _departments))
            if self._tree is not None:  # what is remembered for a look before a write must not be older than this
                self._tree = dict(tree)
        yield Page([Row.of(key, record) for key, record in tree.items()], ends="single page")

    def probe(self, resource: Resource) -> Probe:
        """The whole tree, the only read that Udesk has."""

        def glance() -> tuple[int, None]:
            return len(flatten(self._ask(Call("GET", resource.path), _departments))), None

        return probed(glance)

    def observe(self, entity: Entity, source_id: str) -> Observed:
        """Read one department: there is no call for one, so the list is asked once for many. Raises ``Gone``."""
        with self._lock:
            if self._tree is None:
                self._tree = flatten(self._ask(Call("GET", DEPARTMENTS.path), _departments))
            record = self._tree.get(source_id)
        if record is None:
            raise Gone(f"{entity} {source_id} is not in Udesk's list")
        parent = record["parent_id"]
        return Observed(source_id, {"name": record["name"], "parent_id": str(parent) if parent else None}, record)

    def create(self, entity: Entity, values: Mapping[str, Value]) -> str:
        """Create a department (name, parent_id) and return its id."""
        parent = values.get("parent_id")
        body = {"name": values["name"], "parent_id": int(str(parent)) if parent else 0}
        try:
            made = self._ask(Call("POST", DEPARTMENTS.path, body=body), _made)
        except Gone as fault:  # nothing but the parent can be missing
            raise Rejected(
                f"the parent of the new {entity} is not there: {fault}", rule="parent_missing", field="parent_id"
            ) from fault
        self._remember(made, {"id": int(made), **body})
        return made

    def change(self, entity: Entity, seen: Observed, values: Mapping[str, Value]) -> None:
        """Rename a department. Raises ``ValueError`` for any other field: PUT would ignore it in silence."""
        if set(values) != {"name"}:
            raise ValueError(f"Udesk changes the name of a {entity} and nothing else, not {sorted(values)}")
        call = Call("PUT", f"{DEPARTMENTS.path}/{seen.source_id}", body={"name": values["name"]})
        self._ask(call, lambda body: _renamed(body, seen.source_id, values["name"]))
        self._remember(seen.source_id, {**seen.record, "name": values["name"]})

    def delete(self, entity: Entity, seen: Observed) -> None:
        """Delete a department that nothing stands below and nobody belongs to, by lists asked for this alone.

        Udesk's pages do not say what becomes of those below one that is deleted, or of its agents. Raises ``NotSent``
        where it could not be looked.
        """
        try:
            self._check_empty(entity, seen.source_id)
        except Unavailable as fault:
            raise NotSent(f"nothing was deleted, for it could not be seen whether it is empty: {fault}") from fault
        self._ask(Call("DELETE", f"{DEPARTMENTS.path}/{seen.source_id}"), _deleted)
        with self._lock:
            if self._tree is not None:
                self._tree.pop(seen.source_id, None)

    def _check_empty(self, entity: Entity, source_id: str) -> None:
        with self._lock:  # so that nobody forgets the list before it is looked at
            self.forget()
            self.observe(entity, source_id)
            below = [str(one["name"]) for one in (self._tree or {}).values() if str(one["parent_id"]) == source_id]
        if below:
            text = f"{entity} {source_id} is not empty: {len(below)} stand below it ({', '.join(below[:NAMED])})"
            raise Rejected(text[:LONGEST], rule="not_empty", field="parent_id")
        found = staff(self._ask)
        if found.members[source_id]:
            raise Rejected(f"{entity} {source_id} has {found.members[source_id]} agents", rule="not_empty")
        if not found.told:
            text = (
                "Udesk does not tell its agents' departments here, so that somebody may belong to it: delete it by hand"
            )
            raise Rejected(text, rule="members_unknown")

    def forget(self) -> None:
        """Drop the remembered tree."""
        with self._lock:
            self._tree = None

    def _remember(self, source_id: str, record: Record) -> None:
        with self._lock:
            if self._tree is not None:
                self._tree[source_id] = record

    def _ask(self, call: Call, parse: Callable[[Record], T]) -> T:
        """Exchange and parse within the verdict, so that a success of the wrong form counts as no answer."""
        found: list[T] = []

        def judge(reply: Reply) -> None:
            try:
                found.append(parse(accept(reply, self.wire.clock.now())))
            except VendorError as fault:
                fault.args = (self._scrubber.clean(str(fault))[:LONGEST],)
                raise

        self._auth.token.get()  # here, where a log-in that fails is not taken for an attempt of this call
        try:
            self.wire.exchange(call, judge, self._auth)
        except (Unknown, Gone, Rejected):
            self.forget()  # a write that went otherwise than foreseen: the remembered tree is not to be trusted
            raise
        return found[-1]


def _departments(body: Record) -> list[Any]:
    departments = body.get("departments")
    if not isinstance(departments, list):
        raise Unavailable("a success without a list of departments")
    return departments


def _made(body: Record) -> str:
    if not is_id(body.get("id")):
        raise Unavailable("a success without the new department's id")
    return str(body["id"])


def _deleted(body: Record) -> None:
    if not isinstance(body.get("message"), str):
        raise Unavailable("a success that does not say that the department was deleted")


def _renamed(body: Record, source_id: str, name: Value) -> None:
    department = body.get("department")
    if not isinstance(department, dict) or str(department.get("id")) != source_id or department.get("name") != name:
        raise Unavailable(f"a success that does not show department {source_id} with its new name")
