"""What a target's card or the operator's rules forbid of a change, and what must be settled before it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from mappings.model import NAME_FIELD, REFERENCE_FIELDS, Entity, Golden, Op
from mappings.naming import SEPARATOR, fold
from mappings.plan import Change, Status
from mappings.target import Policy, Target


def checked(change: Change, record: Golden, target: Target, policy: Policy) -> Change:
    """The change, or its refusal by the target's card or the operator's rules."""
    card, name = target.card, str(change.after.get(NAME_FIELD[change.entity], ""))
    if change.canonical_id in target.uncertain:
        text = f"an earlier write to it at {target.connection} had no answer"
        reason = target.asked.get(change.canonical_id, text)
        return replace(change, status=Status.HELD, rule="outcome_unknown", reason=reason)
    if change.op == Op.CREATE and (why := _as_unanswered(change, name, target)):
        return replace(change, status=Status.HELD, rule="outcome_unknown", reason=why)
    if change.op not in card.costs:
        by_hand = (f"vendor_cannot_{change.op}", f"do it by hand at {target.connection}")
        return refuse(change, *card.refusals.get(change.op, by_hand))
    if change.connection in policy.apply_disabled:
        why = (
            f"connections.{change.connection} says apply_disabled = true. What to do: take it away to have this written"
        )
        return refuse(change, "apply_disabled", why)
    if change.op != Op.CREATE and _names(change, record, target) & policy.protected:
        return refuse(
            change, "protected", "its name stands under [protect]. What to do: take it off there, or do it by hand"
        )
    if card.name_max and len(name) > card.name_max:
        return refuse(
            change, "name_too_long", f"{target.connection} takes {card.name_max} characters, this has {len(name)}"
        )
    if change.op == Op.CREATE:
        missing = sorted(field for field in card.required if not change.after.get(field))
        if missing:
            return refuse(change, *_lacking(missing, record, target))
    if NAME_FIELD[change.entity] in change.after and unwritable(name):
        what = "holds control characters, such as a line break" if fold(name) else "is blank"
        return refuse(change, "name_not_writable", f"the name {what}. What to do: rename it where it comes from")
    return change


def _as_unanswered(change: Change, name: str, target: Target) -> str | None:
    """What must be settled first, where a create without an answer said the same of another record."""
    parent = change.after.get("parent_id")
    if parent is not None and parent not in target.here:
        return None  # its parent is not there yet, and nothing was made below it
    return target.unanswered.get((fold(name), None if parent is None else target.here[str(parent)]))


def _lacking(missing: Sequence[str], record: Golden, target: Target) -> tuple[str, str]:
    """Why a create lacks fields that the target requires: nobody tells them, or the person is not known there."""
    of_people = [
        field for field in missing if REFERENCE_FIELDS.get(field) == Entity.PERSON and record.values.get(field)
    ]
    if len(of_people) < len(missing):
        told = f"{target.connection} requires {', '.join(missing)}"
        return "missing_required_field", f"{told}. What to do: fill it in where the record comes from"
    who = " and ".join(
        f"{target.told(field, record.values[field])} (its {field.removesuffix('_id')})" for field in of_people
    )
    return "person_unknown", (
        f"nobody at {target.connection} is known to be {who}. What to do: have them there under the same e-mail "
        "address, and say [people] email = true, for people of two accounts are told by that alone"
    )


def _names(change: Change, record: Golden, target: Target) -> set[str]:
    """Every folded name that the record goes by: ours, theirs, the new one; the leaf of a qualified one too."""
    name = change.after.get(NAME_FIELD[change.entity])
    names = {record.name, target.shadows[str(change.source_id)].name, *((str(name),) if name else ())}
    return {fold(one) for name in names for one in (name, name.rpartition(SEPARATOR)[2])}


def unwritable(name: str) -> bool:
    """Whether a name is blank or holds characters that no name should be written with (controls, lone surrogates)."""
    return not fold(name) or any(unicodedata.category(char) in ("Cc", "Cs") for char in name)


def refuse(change: Change, rule: str, why: str) -> Change:
    """The change as refused, with a stable rule code and the reason in words."""
    return replace(change, status=Status.REFUSED, rule=rule, reason=why)
