"""Pull: read the vendors side by side, land what is whole and new, believe what is plausible."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from mappings.model import Entity
from mappings.receipt import Mode, Receipt
from pipelines import fingerprint
from pipelines.asking import Ask, Want, asks
from pipelines.errors import Exit, worst
from pipelines.fingerprint import strangers
from pipelines.landing import land, landed, load_ahead
from pipelines.plausible import disbelieved, plausible
from pipelines.run import Run
from sources.errors import Incomplete, Retry, VendorError
from sources.reading import Read, Slip, read
from sources.registry import broken, mapping_of
from sources.workers import Workers
from state.errors import MappingError

Spooled = tuple[Ask, Read]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one connection: its receipts, the exit code that it calls for, and why in words.

    ``notes``: what could not be read and is not missed.
    """

    connection: str
    receipts: tuple[Receipt, ...]
    exit: Exit = Exit.DONE
    reason: str | None = None
    notes: tuple[str, ...] = ()


def pull(run: Run, names: Iterable[str], want: Want | None = None) -> list[Pulled]:
    """Read these connections. One connection's failure stops no other, and never counts as absence."""
    wanted = list(names)
    want = want or Want()
    shutil.rmtree(run.config.workspace / "spool", ignore_errors=True)  # of a run that was cut off
    moved = strangers(run.safety, (run.config.connections[name] for name in wanted))
    stopped = moved.keys() - want.accept_shrink
    for name in wanted:
        run.working.raw.discard(name, damaged=True)  # of a run that was cut off, or of a disk that failed
    asked = {
        name: asks(run, name, replace(want, full=want.full or name in moved)) for name in wanted if name not in stopped
    }
    ahead = load_ahead(wanted=any(ask.first for some in asked.values() for ask in some))
    with run.timed("pull"), ahead, Workers(len(wanted)) as pool:
        reading = {name: pool.submit(_read_all, run, name, asked[name]) for name in asked}
        return [
            _stop(run, name, moved[name]) if name in stopped else _take(run, name, reading[name].result(), want)
            for name in wanted
        ]


def _stop(run: Run, name: str, why: str) -> Pulled:
    """Ask nothing of a connection that is another account now: what it holds is nobody's absence, and no news."""
    for resource in run.config.connections[name].vendor.resources:
        run.unread[name, resource.name] = Exit.GUARD
    pulled = Pulled(name, (), Exit.GUARD, why)
    run.say(_line(run, pulled, fresh=()))
    return pulled


def _read_all(run: Run, name: str, asked: Sequence[Ask]) -> list[Spooled]:
    """Every resource that is asked for; where the vendor is down, no further one."""
    found: list[Spooled] = []
    client = run.client(name)
    for ask in asked:
        slip = Slip(ask.read_id, run.run_id, name)
        one = read(client, ask.resource, slip, delta=ask.delta, sink=ask.spool)
        ask.spool.close()
        found.append((ask, one))
        if isinstance(one.fault, Retry) and not ask.resource.optional:  # a role may be missing for one list alone
            break
    return found


def _take(run: Run, name: str, spooled: Sequence[Spooled], want: Want) -> Pulled:
    """Judge, land and believe the reads of one connection, and say what came of it."""
    trusted = name in want.accept_shrink
    judged = [(ask, one if trusted else plausible(run, one, ask.resource)) for ask, one in spooled]
    fresh = {ask.read_id for ask, one in judged if one.receipt.complete and _is_news(run, ask, one)}
    rows = {ask.resource.name: ask.spool for ask, _ in judged if ask.read_id in fresh and ask.spool.rows}
    counts = [(one.receipt.entity, one.receipt.distinct) for _, one in judged]
    departments = sum(count for entity, count in counts if entity == Entity.DEPARTMENT)
    run.working.make_room(sum(count for _, count in counts), departments)
    land(run.working, run.config.workspace, name, rows)
    judged = _believe(run, name, judged, fresh, trusted=trusted)
    if fresh:
        run.working.raw.discard(name)
    fingerprint.keep(run, name, whole=[one.receipt.complete for ask, one in judged if not ask.resource.optional])
    for ask, one in judged:
        ask.spool.discard()
        if one.fault is not None and not ask.resource.optional:
            run.unread[name, ask.resource.name] = _exit(one.fault)
        elif one.receipt.complete and one.receipt.mode is Mode.FULL:
            run.read[name, ask.resource.name] = one.receipt.started_at
        run.detail(_receipt_line(one.receipt))
    pulled = _outcome(name, judged)
    run.unread.update(dict.fromkeys(_not_asked(run, name, spooled, want), pulled.exit))
    run.say(_line(run, pulled, fresh))
    for note in pulled.notes:
        run.say(run.scrubber.clean(f"{name}: {note}"))
    return pulled


def _not_asked(run: Run, name: str, spooled: Sequence[Spooled], want: Want) -> list[tuple[str, str]]:
    """The reads that a fault before them kept from being made: what stands of them is as old as if they had failed."""
    asked = {ask.resource.name for ask, _ in spooled}
    wanted = [one for one in run.config.connections[name].vendor.resources if one.entity in want.kinds]
    return [(name, one.name) for one in wanted if one.name not in asked and not one.optional]


def _is_news(run: Run, ask: Ask, one: Read) -> bool:
    """Whether a whole read tells anything that does not stand here already."""
    return ask.first or run.working.raw.differs(one.receipt, ask.spool.path)


class _Stale(Exception):
    """Records (entity, source id) are older than when they were last seen."""

    def __init__(self, records: Sequence[tuple[str, str]]) -> None:
        super().__init__(len(records))
        self.records = records


def _believe(run: Run, name: str, judged: Sequence[Spooled], fresh: Collection[str], *, trusted: bool) -> list[Spooled]:
    """Believe what is whole and keep its receipts, all at once: a run that is killed here leaves what stood before.

    Reads that go back in time are not believed after all: the vendor answered from a stale copy of its records.
    """
    try:
        with run.working.transaction():
            _update(run, name, judged, fresh, trusted=trusted)
            landed(run.working)
            run.safety.add_receipts([one.receipt for _, one in judged])
    except _Stale as fault:
        kept = [(ask, _timely(one, fault.records)) for ask, one in judged]
        return _believe(run, name, kept, fresh, trusted=kept == judged)
    return list(judged)


def _update(run: Run, name: str, judged: Sequence[Spooled], fresh: Collection[str], *, trusted: bool) -> None:
    """Bring raw and shadows in line with the whole reads. Raises ``_Stale`` where that goes back in time."""
    working, vendor = run.working, run.config.connections[name].vendor
    resources = [resource.name for resource in vendor.resources]
    whole = [(ask, one) for ask, one in judged if one.receipt.complete]
    for ask, one in whole:
        working.raw.believe(one.receipt, ask.shape, ask.bases, landed=ask.read_id in fresh)
    if any(ask.read_id in fresh for ask, _ in whole) or (whole and working.told_otherwise(name)):
        try:
            stale = working.stage(name, mapping_of(vendor.name), resources)
        except MappingError as fault:
            raise broken(vendor.name, fault) from fault
        if stale and not trusted:
            raise _Stale(stale)
        working.refresh_shadows(name, _provable(run, name))


def _provable(run: Run, name: str) -> set[Entity]:
    """The entities of a connection whose records are gone when no read shows them: those that were read whole.

    People are gone when nobody mentions them any more, so that all that may mention them must have been read.
    """
    vendor, told = run.config.connections[name].vendor, run.working.raw.read_whole(name)
    missing = {one.entity for one in vendor.resources if one.name not in told and not one.optional}
    return set(Entity) - missing - ({Entity.PERSON} if missing else set())


def _timely(one: Read, stale: Sequence[tuple[str, str]]) -> Read:
    """The read; one of the entity of stale records proves nothing."""
    here = [source_id for entity, source_id in stale if entity == one.receipt.entity]
    if not here or not one.receipt.complete:
        return one
    name = one.receipt.connection
    allow = f"if an earlier state was restored there: orgweave pull {name} --accept-shrink {name}"
    told = f"{len(here)} of them (id {here[0]}) are older than when they were last read: a stale copy answered"
    return disbelieved(one, f"{told}; {allow}")


def _outcome(name: str, reads: Sequence[Spooled]) -> Pulled:
    receipts = tuple(one.receipt for _, one in reads)
    faults = [(ask, one.fault) for ask, one in reads if one.fault is not None]
    notes = tuple(f"{ask.resource.name} not read: {fault}" for ask, fault in faults if ask.resource.optional)
    counted = [(ask, fault) for ask, fault in faults if not ask.resource.optional]
    if not counted:
        return Pulled(name, receipts, notes=notes)
    code = worst(*(_exit(fault) for _, fault in counted))
    return Pulled(name, receipts, code, "; ".join(f"{ask.resource.name}: {fault}" for ask, fault in counted), notes)


def _exit(fault: VendorError) -> Exit:
    return Exit.GUARD if isinstance(fault, Incomplete) else Exit.CONNECTION


def _receipt_line(receipt: Receipt) -> str:
    counts = f"pages {receipt.pages}, rows {receipt.rows}, duplicates {receipt.duplicates}, walks {receipt.walks}"
    whole = receipt.end_signal if receipt.complete else "not whole"
    since = f" since {receipt.since:%Y-%m-%d %H:%M}" if receipt.since else ""
    return (
        f"{receipt.connection} {receipt.resource}: {receipt.mode}{since}, {counts}, retries {receipt.retries}; {whole}"
    )


def _line(run: Run, pulled: Pulled, fresh: Collection[str]) -> str:
    if pulled.reason:
        return run.scrubber.clean(f"{pulled.connection}: not read: {pulled.reason}")
    whole = [one for one in pulled.receipts if one.complete]
    same = [one.resource for one in whole if one.mode is Mode.INCREMENTAL and one.read_id not in fresh]
    told = [_count(one) for one in whole if one.resource not in same]
    told += [f"no change of {', '.join(same)}"] if same else []
    return f"{pulled.connection}: {', '.join(told)}; calls {sum(one.calls for one in pulled.receipts)}"


def _count(receipt: Receipt) -> str:
    """How many there are; of a read of changes how many may be new, for it brings some again that are known."""
    if receipt.mode is Mode.FULL:
        return f"{receipt.resource} {receipt.distinct}"
    return f"{receipt.resource} {'up to ' if receipt.distinct > 1 else ''}{receipt.distinct} changed"
