"""One question after another on a terminal. Nothing is held meanwhile: the answers are carried out in one run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from rich.text import Text

from pipelines import review_shown
from pipelines.explain import printable
from pipelines.review_matches import accept, reject
from pipelines.review_run import Bench, Made, Want
from pipelines.review_values import resolve
from pipelines.review_waiting import Waiting
from pipelines.screen import Screen
from state.published import Published
from state.questions import Conflict, Proposal


@dataclass(slots=True)
class Asking:
    """A talk about what waits. ``answers``: what was decided, with the words for it."""

    screen: Screen
    published: Published
    found: Waiting
    answers: list[tuple[Want, str]] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def ask(self) -> list[Want]:
        """Ask until all is answered, or somebody has had enough; what to carry out."""
        questions: list[Callable[[str], bool]] = [
            *(partial(self._match, one) for one in self.found.proposals if one.candidates and not one.waits_for),
            *(partial(self._conflict, one) for one in self.found.conflicts),
        ]
        for number, question in enumerate(questions, 1):
            if not question(f"{number} of {len(questions)}"):
                break
        self.screen.show(*self._summary())
        return [want for want, _ in self.answers]

    def _match(self, one: Proposal, count: str) -> bool:
        """Ask about a proposed match; False where no more is to be asked."""
        candidates = [key for key in one.candidates if (one.ref.connection, key) not in self._taken]
        if not candidates:  # an answer before this one settles it
            return True
        places = [review_shown.place(self.published, one.ref.entity, key, self.found.called) for key in candidates]
        self.screen.show("", Text(f"{count}: is this {one.ref.entity} the same?", style="bold"))
        self.screen.show(*review_shown.picture(one, places), printable(review_shown.reason(one)))
        many = len(candidates) > 1
        keys = f"1-{len(candidates)} it is that one" if many else "y the same"
        while (
            said := self.screen.ask(f"{keys}, n {'none of them' if many else 'not the same'}, s skip, q quit: ")
        ) is not None:
            answer = said.lower()
            chosen = candidates[int(answer) - 1] if answer in map(str, range(1, len(candidates) + 1)) else None
            if answer == "y" and not many:
                chosen = candidates[0]
            if chosen:
                self._taken.add((one.ref.connection, chosen))
                self._keep("accept", partial(accept, ident=one.proposal_id, chosen=chosen), one.name, chosen)
            elif answer == "n":
                self._keep("reject", partial(reject, ident=one.proposal_id), one.name, None)
            elif answer not in ("s", "q"):
                continue
            return answer != "q"
        return False

    def _conflict(self, one: Conflict, count: str) -> bool:
        """Ask about a conflict; False where no more is to be asked."""
        called = self.found.called.get(one.canonical_id) or one.name or "(no name)"
        self.screen.show("", Text(printable(f"{count}: {one.field} of {called}"), style="bold"))
        for number, (connection, value) in enumerate(one.values.items(), 1):
            self.screen.show(
                printable(f"  {number}  {connection}: {review_shown.shown(one.field, value, self.found.called)}")
            )
        sides = list(one.values)
        while (said := self.screen.ask(f"1-{len(sides)} that one holds, s skip, q quit: ")) is not None:
            answer = said.lower()
            if answer in map(str, range(1, len(sides) + 1)):
                side = sides[int(answer) - 1]
                self._keep("resolve", partial(resolve, ident=one.conflict_id, take=side, value=None), one.name, side)
            elif answer not in ("s", "q"):
                continue
            return answer != "q"
        return False

    def _keep(self, command: str, make: Callable[[Bench], Made], name: str | None, what: str | None) -> None:
        told = self.found.called.get(what or "", what or "")
        self.answers.append((Want(command, make), f"{command} {name or '(no name)'}{f': {told}' if told else ''}"))

    def _summary(self) -> Iterator[str]:
        if self.answers:
            yield f"\n{len(self.answers)} decided:"
        for _, line in self.answers:
            yield printable(f"  {line}")
