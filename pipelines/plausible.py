"""Whether a whole read may be believed: absence needs a witness, and nobody loses most of an organisation overnight."""

from dataclasses import replace

from mappings.model import Entity
from mappings.receipt import Mode, implausible, no_witness
from pipelines.run import Run
from sources.errors import Gone, Incomplete, VendorError
from sources.reading import Read
from sources.vendor import Resource

ASKED = 20  # missing records that are asked for one by one, of more of them so many


def plausible(run: Run, one: Read, resource: Resource) -> Read:
    """The read, made incomplete when it shows none or too few of the records that are known there (DESIGN 5.1)."""
    receipt = one.receipt
    if not receipt.complete or receipt.mode is not Mode.FULL:
        return one
    before = run.safety.last_complete(receipt.connection, receipt.resource)
    entity = Entity(receipt.entity)
    ours = run.safety.taken_away(receipt.connection, entity)  # their absence is our own doing
    present = run.working.present_ids(receipt.connection, entity)
    known = _of(resource, present - ours)
    seen = not one.ids.isdisjoint(known)
    if not seen:
        linked = _of(resource, run.safety.linked_ids(receipt.connection, entity).keys() - ours)
        seen = not one.ids.isdisjoint(linked)
        told = receipt.resource in run.working.raw.read_whole(receipt.connection) or (before and not before.distinct)
        known = known if told else linked  # a working database made anew has yet to see what is linked
    held = max(before.distinct - len(ours & present) if before else 0, len(known))  # many may have come since
    allow = f"if that is right: orgweave pull {receipt.connection} --accept-shrink {receipt.connection}"
    if no_witness(len(known), seen=seen):
        reason = f"none of the {len(known)} {receipt.resource} known there was seen; {allow}"
    elif before and implausible(held, receipt.distinct):
        reason = f"{receipt.distinct} {receipt.resource}, {held} are known there; {allow}"
    elif max(receipt.pages, before.pages if before else 0) < 2:  # an answer of one moment
        return one
    elif against := _contradicted(run, one, resource, known - one.ids):
        reason = against
    else:
        return one
    return disbelieved(one, reason)


def _contradicted(run: Run, one: Read, resource: Resource, missing: set[str]) -> str | None:
    """What speaks against the absence of records, in a list of several pages: the call for some of them alone.

    Pages of copies of different age can add up by chance, and leave a record out that was there all the time; and a
    list that used to have several may end too early. Where many are missing, some from all over are asked for.
    """
    if resource.entity is Entity.PERSON:
        return None
    client = run.client(one.receipt.connection)
    for source_id in sorted(missing)[:: -(-len(missing) // ASKED) or 1]:
        try:
            client.observe(resource.entity, source_id)
        except Gone:
            continue
        except VendorError as fault:
            return run.scrubber.clean(f"record {source_id} is missing, and could not be asked for: {fault}")
        return f"record {source_id} is there, and the list does not show it: its pages were not of one moment"
    return None


def disbelieved(one: Read, reason: str) -> Read:
    """The read, with the reason why it proves nothing after all."""
    receipt = replace(one.receipt, complete=False, reason=reason, watermark=None)
    return replace(one, receipt=receipt, fault=Incomplete(reason), pages=())


def _of(resource: Resource, ids: set[str]) -> set[str]:
    return {one for one in ids if one.startswith(resource.prefix)} if resource.prefix else ids
