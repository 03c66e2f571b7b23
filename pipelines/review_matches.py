"""Who is who, as a person decides it: accept, reject, link, unlink; each with what stands in its way, in words."""

from collections.abc import Iterable, Sequence
from typing import Any

from mappings.model import Entity, Link, Method, Op, Question, Ref
from pipelines.errors import UsageError
from pipelines.review_run import Bench, Made
from pipelines.seeking import SHORTEST, kind, names, seek
from state.decisions import proposal_id
from state.questions import Proposal, Remote, linked_there, remote
from state.safety import Effects, OpenIntent, Verdict

SHORT = 8  # characters of an id that are shown


def accept(bench: Bench, ident: str, chosen: str | None) -> Made:
    """A proposed match is one: link the record to the candidate, or to the chosen one of several."""
    one = _answerable(bench, ident)
    target = _candidate(bench, one, chosen)
    return _linked(bench, Verdict.ACCEPT, _there(bench, one.ref), target, one)


def reject(bench: Bench, ident: str) -> Made:
    """It is none of those that were proposed, for ever; of an account's record: not what a write of ours made."""
    if ":" in ident:
        return _not_ours(bench, ident)
    one = _answerable(bench, ident)
    alone = one.candidates[0] if len(one.candidates) == 1 else None
    decision = bench.decision(
        *(Verdict.REJECT, one.proposal_id, one.ref.entity, _told(one)),
        **_about(one.ref, alone),
    )
    called = names(bench.published, one.ref.entity, one.candidates)
    which = ", ".join(called.get(key, key[:SHORT]) for key in one.candidates)
    effects = Effects(apart=tuple((one.ref, key) for key in one.candidates))
    return Made(decision, effects, f"rejected: {_named(one.ref, one.name)} is not {which}; it is not asked again")


def _not_ours(bench: Bench, account: str) -> Made:
    """A record that appeared while a create of ours had no answer is another one; the create may then be made again."""
    found = record(bench, account, None)
    ref = found.ref
    waiting = [one.intent.canonical_id for one in _creates(bench, ref)]
    if not waiting:
        raise UsageError(f"{account}: no create of ours waits for it. {LISTS}")
    told = {"name": found.name, "reason": "appeared while a create had no answer", "candidates": waiting}
    decision = bench.decision(Verdict.REJECT, proposal_id(ref), ref.entity, told, **_about(ref, waiting[0]))
    which = ", ".join(_called(bench, ref.entity, key) for key in waiting)
    effects = Effects(apart=tuple((ref, key) for key in waiting))
    return Made(decision, effects, f"rejected: {_named(ref, found.name)} is not {which}")


def _creates(bench: Bench, ref: Ref) -> list[OpenIntent]:
    """The creates without an answer that may have made a record."""
    return [
        one
        for one in bench.run.safety.open_intents()
        if (one.intent.connection, one.intent.entity, one.intent.op) == (ref.connection, ref.entity, Op.CREATE)
        and ref.source_id not in one.intent.visible
    ]


def link(bench: Bench, account: str, target: str, which: str | None) -> Made:
    """A record is this canonical one, whatever was proposed. Ends a link that stands in the way."""
    found = record(bench, account, which)
    if not found.present:
        raise UsageError(f"{account}: is gone at its vendor. What to do: link the record that is there, or pull first")
    return _linked(bench, Verdict.LINK, found, seek(bench.published, found.ref.entity, target), _open(bench, found.ref))


def unlink(bench: Bench, account: str, which: str | None) -> Made:
    """A record is not the canonical one that it is linked to: end the link, and keep the two apart."""
    found = record(bench, account, which)
    key = found.canonical_id
    if key is None:
        raise UsageError(f"{account}: is linked to nothing. What to do: orgweave review lists what waits")
    others = [one for one in _live(bench, found.ref.entity, key) if one != found.ref]
    if not others and found.present:
        raise UsageError(
            f"{account}: is all that is linked to {_called(bench, found.ref.entity, key)}. What to do: link it to the "
            f"record that it is: orgweave review link {account} ID"
        )
    _settled(bench, found.ref, key)
    told = {"name": found.name, "reason": "unlinked by a person", "candidates": [key]}
    decision = bench.decision(Verdict.UNLINK, proposal_id(found.ref), found.ref.entity, told, **_about(found.ref, key))
    said = f"unlinked: {_named(found.ref, found.name)} is not {_called(bench, found.ref.entity, key)}"
    return Made(decision, Effects(unlink=(found.ref,), apart=((found.ref, key),)), said)


def record(bench: Bench, account: str, which: str | None) -> Remote:
    """The remote record that ``CONNECTION:SOURCE_ID`` means, of the kind that is told or the only one. UsageError."""
    connection, colon, source_id = account.partition(":")
    accounts = bench.run.config.connections
    if not colon or connection not in accounts:
        raise UsageError(f"{account}: no account here. What to do: CONNECTION:ID, with one of {', '.join(accounts)}")
    wanted = kind(which) if which else None
    found = [one for one in remote(bench.run.working, connection, source_id) if wanted in (None, one.ref.entity)]
    if not found:
        raise UsageError(
            f"{account}: no {wanted or 'record'} of this id was ever read there. What to do: give the id as the vendor "
            "counts, or pull first"
        )
    if len(found) > 1:
        kinds = " or ".join(f"--kind {one.ref.entity}" for one in found)
        raise UsageError(f"{account}: several records have this id. What to do: {kinds}")
    return found[0]


def _answerable(bench: Bench, ident: str) -> Proposal:
    """The proposal that is meant, which can be answered by itself. Raises ``UsageError``."""
    one = pick(bench, ident)
    if one.question is Question.FOLLOWS and (first := _by_id(bench.proposals, one.waits_for)):
        raise UsageError(
            f"{ident}: {_named(one.ref, one.name)} follows the record above it. What to do: first decide "
            f"{first.proposal_id[:SHORT]}, {_named(first.ref, first.name)}"
        )
    if not one.candidates:
        raise UsageError(
            f"{ident}: nothing is proposed for {_named(one.ref, one.name)}: {one.reason}. What to do: link the record "
            f"above it, or this one: orgweave review link {_id(one.ref)} ID"
        )
    return one


def pick(bench: Bench, ident: str) -> Proposal:
    """The proposal whose id this is, or begins so. Raises ``UsageError``."""
    found = [one for one in bench.proposals if ident and one.proposal_id.startswith(ident.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{ident}: {len(found)} proposals begin so. What to do: give more of the id")
    if any(ident and one.conflict_id.startswith(ident.lower()) for one in bench.conflicts):
        raise UsageError(f"{ident}: is a conflict. What to do: orgweave review resolve {ident} --take CONNECTION")
    raise UsageError(f"{ident}: {undecidable(bench, ident)}no proposal waits under this id. {LISTS}")


LISTS = "What to do: orgweave review lists what waits"


def undecidable(bench: Bench, ident: str) -> str:
    """Who decided it already, if somebody did."""
    for one in reversed(bench.run.safety.decisions()):
        if ident and one.subject.startswith(ident.lower()):
            return f"{one.decided_by} decided it on {one.decided_at:%Y-%m-%d %H:%M} UTC ({one.verdict}); "
    return ""


def _by_id(proposals: Iterable[Proposal], ident: str | None) -> Proposal | None:
    return next((one for one in proposals if one.proposal_id == ident), None)


def _candidate(bench: Bench, one: Proposal, chosen: str | None) -> str:
    if chosen is None and len(one.candidates) == 1:
        return one.candidates[0]
    if chosen is None:
        which = _listed(bench, one.ref.entity, one.candidates)
        raise UsageError(f"it could be any of {len(one.candidates)}: {which}. What to do: --with ID")
    begins = [key for key in one.candidates if len(chosen) >= SHORTEST and key.startswith(chosen.lower())]
    target = begins[0] if len(begins) == 1 else seek(bench.published, one.ref.entity, chosen)
    if target not in one.candidates:
        raise UsageError(
            f"{chosen}: is not among those proposed: {_listed(bench, one.ref.entity, one.candidates)}. What to do: one "
            f"of them, or: orgweave review link {_id(one.ref)} {chosen}"
        )
    return target


def _listed(bench: Bench, entity: Entity, ids: Sequence[str]) -> str:
    called = names(bench.published, entity, ids)
    return "; ".join(f"{key[:SHORT]} {called.get(key, '(no name)')}" for key in ids)


def _linked(bench: Bench, verdict: Verdict, found: Remote, target: str, asked: Proposal | None) -> Made:
    """A link by a person, what it ends and what it lifts."""
    ref = found.ref
    if found.canonical_id == target:
        raise UsageError(f"{_id(ref)}: is linked to {_called(bench, ref.entity, target)} already. {LISTS}")
    _settled(bench, ref, target)
    ends = [ref] if found.canonical_id else []
    before = linked_there(bench.run.working, ref.entity, target, ref.connection)
    if before and before.present:
        raise UsageError(
            f"{_called(bench, ref.entity, target)} is {_named(before.ref, before.name)} already, which is there. What "
            f"to do: orgweave review unlink {_id(before.ref)} first, if that is wrong"
        )
    ends += [before.ref] if before else []
    told = (_told(asked) if asked else {"name": found.name}) | {"ended": [_id(one) for one in ends]}
    decision = bench.decision(verdict, proposal_id(ref), ref.entity, told, **_about(ref, target))
    made = Link(ref, target, Method.PERSON, evidence=f"decided by {bench.who.by}")
    effects = Effects(unlink=tuple(ends), links=(made,), lifted=((ref, target),))
    word = "accepted" if verdict is Verdict.ACCEPT else "linked"
    gone = f"; {_id(before.ref)}, which is gone, is so no more" if before else ""
    return Made(decision, effects, f"{word}: {_named(ref, found.name)} is {_called(bench, ref.entity, target)}{gone}")


def _settled(bench: Bench, ref: Ref, target: str) -> None:
    """No write without an answer may be about the record, or make a link of its own for the target there."""
    made = {one.seq for one in _creates(bench, ref) if one.intent.canonical_id == target}  # the very answer
    for one in bench.run.safety.open_intents():
        intent = one.intent
        if one.seq in made:
            continue
        same = intent.canonical_id == target or intent.source_id == ref.source_id
        if (intent.connection, intent.entity) == (ref.connection, ref.entity) and same:
            raise UsageError(
                f"{ref.connection}: a write of ours had no answer, and may be about this. What to do: orgweave pull "
                f"{ref.connection}, then decide"
            )


def _there(bench: Bench, ref: Ref) -> Remote:
    found = [one for one in remote(bench.run.working, ref.connection, ref.source_id) if one.ref == ref]
    if not found or not found[0].present:
        raise UsageError(f"{_id(ref)}: is gone at its vendor. What to do: orgweave pull {ref.connection}")
    return found[0]


def _live(bench: Bench, entity: Entity, key: str) -> list[Ref]:
    return [one.link.ref for one in bench.run.safety.links_of(entity, key) if one.ended_at is None]


def _open(bench: Bench, ref: Ref) -> Proposal | None:
    return _by_id(bench.proposals, proposal_id(ref))


def _told(one: Proposal) -> dict[str, Any]:
    names = ("name", "path", "score", "runner_up", "evidence", "reason", "since")
    return {name: getattr(one, name) for name in names} | {
        "candidates": list(one.candidates),
        "question": str(one.question),
    }


def _about(ref: Ref, key: str | None) -> dict[str, Any]:
    return {"connection": ref.connection, "source_id": ref.source_id, "canonical_id": key}


def _id(ref: Ref) -> str:
    return f"{ref.connection}:{ref.source_id}"


def _named(ref: Ref, name: str | None) -> str:
    return f"{_id(ref)} ({name or 'no name'})"


def _called(bench: Bench, entity: Entity, key: str) -> str:
    name = names(bench.published, entity, [key]).get(key)
    return f"{name or '(no name)'} ({key[:SHORT]})"
