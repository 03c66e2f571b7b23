"""What ``migrate`` was asked for, and the kinds that it moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mappings.migration import Move
from mappings.model import Entity
from pipelines import verbs
from pipelines.config import KINDS, Config
from pipelines.errors import UsageError
from pipelines.migration_file import Choices, chosen


@dataclass(frozen=True, slots=True)
class Options:
    """What ``migrate`` was asked for."""

    source: str
    target: str
    only: Sequence[str] = ()
    into: str | None = None
    people: Path | None = None
    subtree: str | None = None
    sample: int | None = None
    shorten: bool = False
    fail_on_loss: Sequence[str] = ()
    markdown: Path | None = None
    csv: Path | None = None
    accept: Sequence[str] = ()
    max_wait: str | None = None
    check: bool = False
    rehearse: bool = True
    yes: bool = False


def options_of(flags: Choices, file: Path | None, accept: Sequence[str] = (), *, check: bool, yes: bool) -> Options:
    """What the flags and a ``migration.toml`` say together. Raises ``UsageError``."""
    said = chosen(flags, file)
    if said.source is None or said.target is None:
        flag, key = ("--from", "from") if said.source is None else ("--to", "to")
        where = f'{key} = "NAME" in {file or "a file for --file"}'
        raise UsageError(f"{flag} is missing. What to do: {flag} NAME, or {where}")
    if said.markdown and said.csv and said.markdown.resolve() == said.csv.resolve():
        raise UsageError(f"--markdown and --csv both name {said.csv}. What to do: name two files")
    return Options(
        *(said.source, said.target, said.only or (), said.into, said.people, said.subtree, said.sample),
        *(bool(said.shorten), said.fail_on_loss or (), said.markdown, said.csv, accept, said.max_wait),
        check=check,
        rehearse=said.rehearse is not False,
        yes=yes,
    )


def moves_of(config: Config, options: Options) -> tuple[Move, ...]:
    """The kinds that are moved. ``UsageError`` where a name is unknown, or nothing can go from the one to the other."""
    verbs.chosen(config, [options.source, options.target])
    if options.source == options.target:
        raise UsageError(f"--from and --to both name {options.source}. What to do: name two accounts")
    for kind in (*options.only, *filter(None, [options.into])):
        if kind not in KINDS:
            raise UsageError(f"there is no kind {kind}. What to do: one of {', '.join(KINDS)}")
    if options.subtree is not None and set(options.only) - {"departments"}:
        raise UsageError("--subtree is a branch of departments. What to do: --only departments, or leave --only out")
    holds, can = (config.connections[name].card.entities for name in (options.source, options.target))
    named = ["departments"] if options.subtree is not None and options.into is None else options.only
    kinds = [KINDS[kind] for kind in dict.fromkeys(named)] or [one for one in KINDS.values() if one in holds]
    if options.into is not None:
        return (_turned(config, options, kinds),)
    found = tuple(Move(options.source, options.target, one, one) for one in kinds if one in holds and one in can)
    lacking = [one for one in kinds if one not in holds or one not in can]
    if not found or (options.only and lacking):
        what = ", ".join(f"{one}s" for one in lacking or kinds)
        raise UsageError(
            f"{options.source} and {options.target} do not both hold {what}. What to do: --only with what both hold, "
            "or --as teams, --as departments to make one of the other"
        )
    return found


def _turned(config: Config, options: Options, kinds: Sequence[Entity]) -> Move:
    """A move of departments as teams, or of teams as departments."""
    into = KINDS[str(options.into)]
    other = {Entity.DEPARTMENT: Entity.TEAM, Entity.TEAM: Entity.DEPARTMENT}.get(into)
    named = [kind for kind in kinds if kind in (Entity.DEPARTMENT, Entity.TEAM)] if options.only else [other]
    if other is None or len(named) != 1 or named[0] is None or len(options.only) > 1:
        raise UsageError(
            "--as makes teams of departments, or departments of teams, and one kind at a time. What to do: --as teams, "
            "or --as departments"
        )
    for name, entity in ((options.source, named[0]), (options.target, into)):
        if entity not in config.connections[name].card.entities:
            raise UsageError(
                f"{config.connections[name].vendor.title} ({name}) holds no {entity}s. What to do: choose another "
                "--as, or another account"
            )
    return Move(options.source, options.target, named[0], into)
