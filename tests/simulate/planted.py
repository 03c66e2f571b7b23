"""Faults that are planted into the real code, one by one, to see whether the simulation would find them.

Each takes one defence away. What the simulation does not find is masked by another defence: then ``direct`` names the
test that looks at this one alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Swap = tuple[Any, str, Callable[[Any], Any]]
"""Whose attribute, which, and what is made of the real one."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A defence that can be switched off. ``direct``: the test that finds it out where the simulation does not."""

    name: str
    what: str
    swaps: tuple[Swap, ...]
    direct: str = ""

    @contextmanager
    def switched_on(self) -> Iterator[None]:
        """Let the fault be there."""
        before = [(owner, name, vars(owner).get(name, _INHERITED)) for owner, name, _ in self.swaps]
        for owner, name, make in self.swaps:
            setattr(owner, name, make(getattr(owner, name)))
        try:
            yield
        finally:
            for owner, name, real in reversed(before):
                if real is _INHERITED:
                    delattr(owner, name)
                else:  # a classmethod or property as it is kept, unbound
                    setattr(owner, name, real)


_INHERITED = object()


def always(value: Any) -> Callable[[Any], Any]:
    """A function that gives this, whatever it is asked."""
    return lambda _real: lambda *_words, **_named: value


def instead(value: Any) -> Callable[[Any], Any]:
    """This in place of the real one."""
    return lambda _real: value


def catalogue() -> tuple[Planted, ...]:
    """All of them, in groups."""
    from tests.simulate import planted_plan, planted_reads, planted_settle, planted_writes

    return (*planted_writes.FAULTS, *planted_settle.FAULTS, *planted_reads.FAULTS, *planted_plan.FAULTS)


def named(name: str) -> Planted:
    """The one of this name."""
    return next(one for one in catalogue() if one.name == name)
