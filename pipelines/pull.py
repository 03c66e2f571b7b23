"""Pull: read the vendors side by side, land what is whole, believe what is plausible."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from mappings.model import Entity
from mappings.receipt import Receipt, implausible, no_witness
from pipelines.errors import Exit, worst
from pipelines.landing import land
from pipelines.run import Run, new_id
from sources.errors import Incomplete, VendorError
from sources.reading import Read, read


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came of one connection: its receipts, the exit code that it calls for, and why in words."""

    connection: str
    receipts: tuple[Receipt, ...]
    exit: Exit = Exit.DONE
    reason: str | None = None


def pull(run: Run, names: Iterable[str], accept_shrink: frozenset[str] = frozenset()) -> list[Pulled]:
    """Read these connections in full. One connection's failure stops no other, and never counts as absence."""
    wanted = list(names)
    with ThreadPoolExecutor(max_workers=len(wanted) or 1) as pool:
        reading = {name: pool.submit(_read_all, run, name) for name in wanted}
        return [_take(run, name, reading[name].result(), accept_shrink) for name in wanted]


def _read_all(run: Run, name: str) -> list[Read]:
    """Every resource of a connection; after a fault that concerns the connection as a whole, no further one."""
    reads: list[Read] = []
    client = run.client(name)
    for resource in run.config.connections[name].vendor.resources:
        one = read(client, resource, read_id=new_id(), run_id=run.run_id, connection=name, clock=run.clock)
        reads.append(one)
        if one.fault is not None and not isinstance(one.fault, Incomplete):
            break
    return reads


def _take(run: Run, name: str, reads: Sequence[Read], accept_shrink: frozenset[str]) -> Pulled:
    """Judge, land and believe the reads of one connection, and say what came of it."""
    resources = [resource.name for resource in run.config.connections[name].vendor.resources]
    judged = [one if name in accept_shrink else plausible(run, one) for one in reads]
    whole = [one for one in judged if one.receipt.complete]
    land(run.working, run.config.workspace, name, whole)
    run.safety.add_receipts([one.receipt for one in judged])
    with run.working.transaction():  # a run that is killed here leaves the reads before it believed
        for one in whole:
            run.working.accept(name, one.receipt.resource, one.receipt.read_id, one.receipt.finished_at)
            run.read[name, one.receipt.resource] = one.receipt.started_at
        run.working.refresh_shadows(name, run.config.connections[name].vendor.name, resources)
        run.working.discard_reads(name, resources)
    for one in judged:
        if one.fault is not None:
            run.unread[name, one.receipt.resource] = _exit(one.fault)
    for one in judged:
        run.detail(_receipt_line(one.receipt))
    pulled = _outcome(name, judged)
    run.say(_line(run, pulled))
    return pulled


def plausible(run: Run, one: Read) -> Read:
    """The read, made incomplete when it shows none or too few of the records that are known there."""
    receipt = one.receipt
    if not receipt.complete:
        return one
    before = run.safety.last_complete(receipt.connection, receipt.resource)
    present = run.working.present_ids(receipt.connection, Entity(receipt.entity))
    linked = _linked_ids(run, receipt)
    told = receipt.resource in run.working.accepted(receipt.connection) or (before and not before.distinct)
    known = present if told else linked  # a working database made anew has yet to see what is linked
    seen = (present | linked) & {row.source_id for page in one.pages for row in page}
    allow = f"if that is right: --accept-shrink {receipt.connection}"
    if no_witness(len(known), len(seen)):
        reason = f"none of the {len(known)} {receipt.resource} known there was seen; {allow}"
    elif before and implausible(before.distinct, receipt.distinct):
        reason = f"{receipt.distinct} {receipt.resource}, the last whole read had {before.distinct}; {allow}"
    else:
        return one
    return replace(one, receipt=replace(receipt, complete=False, reason=reason), fault=Incomplete(reason))


def _linked_ids(run: Run, receipt: Receipt) -> set[str]:
    here = (receipt.connection, Entity(receipt.entity))
    return {link.ref.source_id for link in run.safety.links() if (link.ref.connection, link.ref.entity) == here}


def _outcome(name: str, reads: Sequence[Read]) -> Pulled:
    receipts = tuple(one.receipt for one in reads)
    faults = [one for one in reads if one.fault is not None]
    if not faults:
        return Pulled(name, receipts)
    code = worst(*(_exit(one.fault) for one in faults if one.fault))
    reason = "; ".join(f"{one.receipt.resource}: {one.fault}" for one in faults)
    return Pulled(name, receipts, code, reason)


def _exit(fault: VendorError) -> Exit:
    return Exit.GUARD if isinstance(fault, Incomplete) else Exit.CONNECTION


def _receipt_line(receipt: Receipt) -> str:
    counts = f"pages {receipt.pages}, rows {receipt.rows}, duplicates {receipt.duplicates}, walks {receipt.walks}"
    whole = receipt.end_signal if receipt.complete else "not whole"
    return f"{receipt.connection} {receipt.resource}: {counts}, retries {receipt.retries}; {whole}"


def _line(run: Run, pulled: Pulled) -> str:
    if pulled.reason:
        return run.scrubber.clean(f"{pulled.connection}: not read: {pulled.reason}")
    counts = ", ".join(f"{one.resource} {one.distinct}" for one in pulled.receipts)
    return f"{pulled.connection}: {counts}; calls {sum(one.calls for one in pulled.receipts)}"
