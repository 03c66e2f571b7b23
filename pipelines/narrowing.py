"""``--to`` and ``--only``: a plan for some targets and kinds. A target that is none is a mistake, and said."""

from collections.abc import Iterable

from mappings.model import Entity
from pipelines.config import KINDS, Config
from pipelines.errors import UsageError


def narrowed(config: Config, to: Iterable[str], only: Iterable[str]) -> tuple[frozenset[str], frozenset[Entity]]:
    """The targets and kinds that a plan is narrowed to; empty: all.

    No record waits for one of another kind (people are never written) or of another target, so that any part of a plan
    can be made by itself. Raises ``UsageError`` for an unknown name, and for a target that no rule lets be written to.
    """
    kinds, targets = list(only), list(to)
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"--only {kind}: no such kind. What to do: one of {', '.join(KINDS)}")
    written = {kind: config.kinds[KINDS[kind]].write_to for kind in kinds or KINDS}
    for name in targets:
        if name not in config.connections:
            known = ", ".join(config.connections)
            raise UsageError(f"there is no [connections.{name}] in {config.path}. What to do: name one of {known}")
        if not any(name in one for one in written.values()):
            told = " or ".join(f"[{kind}]" for kind in written)
            raise UsageError(f"--to {name}: no write_to of {told} names it. What to do: add it there, or leave it out")
    return frozenset(targets), frozenset(KINDS[kind] for kind in kinds)
