"""``orgweave review`` on the command line: the list, and each decision."""

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli_session import present
from pipelines.errors import Exit
from pipelines.options import AsJson, ConfigFile, Log, Quiet, Verbose
from pipelines.session import Session

if TYPE_CHECKING:
    from pipelines.review_run import Want

review = typer.Typer(
    name="review",
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="Example: orgweave review accept 1a2b3c4d --note 'asked Lee'",
)

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who decides; default: the login name.")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Why; it is kept with the decision.")]
Ident = Annotated[str, typer.Argument(metavar="ID", help="The id that orgweave review shows, or its beginning.")]
Account = Annotated[str, typer.Argument(metavar="CONNECTION:SOURCE_ID", help="The account and its vendor's id.")]
Target = Annotated[str, typer.Argument(metavar="CANONICAL", help="Id, CONNECTION:SOURCE_ID, or the name.")]
Chosen = Annotated[str | None, typer.Option("--with", metavar="CANONICAL", help="Which, where several are proposed.")]
Kind = Annotated[
    str | None, typer.Option("--kind", help="department, team, task or person, where the id is of several.")
]
Take = Annotated[str | None, typer.Option("--take", metavar="CONNECTION", help="Whose value holds.")]
Given = Annotated[str | None, typer.Option("--value", metavar="VALUE", help="The value that holds; '' for none.")]
Which = Annotated[str, typer.Argument(metavar="KIND", help="department, team, task or person.")]
Record = Annotated[str, typer.Argument(metavar="ID", help="Id or the start of it, CONNECTION:SOURCE_ID, or the name.")]
Field = Annotated[str, typer.Argument(metavar="FIELD", help="The field.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="The value; '' for none.")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Its last day, in UTC; default: for ever.")]


@review.callback()
def waiting(
    context: typer.Context,
    *,
    by: By = None,
    note: Note = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
    log: Log = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Proposed matches, open conflicts and held changes: lists them; on a terminal asks about one after another."""
    if context.invoked_subcommand is not None:
        return
    from pipelines.review import review_command
    from pipelines.review_run import who

    session = Session(as_json=as_json, log=log, quiet=quiet, verbose=verbose)
    session.end(lambda session: review_command(session, config, lambda: who(by, note)))


_SHARED = inspect.signature(waiting).parameters


def _deciding(example: str) -> Callable[[Callable[..., "Want"]], None]:
    """Make a command of what a decision is made of; ``--by``, ``--json`` and the like come to it by themselves."""

    def declare(make: Callable[..., "Want"]) -> None:
        own = inspect.signature(make).parameters

        def command(context: typer.Context, **given: Any) -> None:
            _carry_out(context, given, lambda: make(**{name: given[name] for name in own}))

        order = [one for one in (*_SHARED.values(), *own.values()) if one.name != "context"]
        told = {one.name: one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in order}
        named = {name: told[name] for name in (*own, *told)}  # arguments first, in their order, then the shared options
        present(command, make, (_SHARED["context"], *named.values()))
        review.command(name=make.__name__, epilog=f"Example: orgweave review {example}")(command)

    return declare


def _carry_out(context: typer.Context, given: dict[str, Any], want: "Callable[[], Want]") -> None:
    """Carry out one decision. A shared option may stand before the decision's name or after it."""
    before: dict[str, Any] = context.parent.params if context.parent else {}

    def shared(name: str) -> Any:
        return before.get(name) if given[name] in (None, False) else given[name]

    def act(session: Session) -> tuple[Exit, Mapping[str, Any]]:
        from pipelines.review_run import carry_out, who

        return carry_out(session, shared("config"), who(shared("by"), shared("note")), [want()])

    Session(as_json=shared("as_json"), log=shared("log"), quiet=shared("quiet"), verbose=shared("verbose")).end(act)


@_deciding("accept 1a2b3c4d --with 'Operations / Billing'")
def accept(ident: Ident, *, chosen: Chosen = None) -> "Want":
    """A proposed match is one."""
    from pipelines import review_matches
    from pipelines.review_run import Want

    return Want("accept", lambda bench: review_matches.accept(bench, ident, chosen))


@_deciding("reject 1a2b3c4d --by lee")
def reject(ident: Ident) -> "Want":
    """It is none of those that were proposed; it is never asked again."""
    from pipelines import review_matches
    from pipelines.review_run import Want

    return Want("reject", lambda bench: review_matches.reject(bench, ident))


@_deciding("link amm:7 'Operations / Billing'")
def link(account: Account, target: Target, *, kind: Kind = None) -> "Want":
    """An account's record is this one, whatever was proposed."""
    from pipelines import review_matches
    from pipelines.review_run import Want

    return Want("link", lambda bench: review_matches.link(bench, account, target, kind))


@_deciding("unlink amm:7 --note 'another support'")
def unlink(account: Account, *, kind: Kind = None) -> "Want":
    """An account's record is not the one that it is linked to."""
    from pipelines import review_matches
    from pipelines.review_run import Want

    return Want("unlink", lambda bench: review_matches.unlink(bench, account, kind))


@_deciding("resolve 1a2b3c4d --take hq")
def resolve(ident: Ident, *, take: Take = None, value: Given = None) -> "Want":
    """Settle a conflict, until an authority says something new."""
    from pipelines import review_values
    from pipelines.review_run import Want

    return Want("resolve", lambda bench: review_values.resolve(bench, ident, take, value))


@_deciding("pin department 'Operations / Billing' name Invoicing --until 2026-12-31")
def pin(which: Which, record: Record, field: Field, value: Value, *, until: Until = None) -> "Want":
    """A field has this value, whatever the accounts say."""
    from pipelines import review_values
    from pipelines.review_run import Want

    return Want("pin", lambda bench: review_values.pin(bench, (which, record, field), value, until))


@_deciding("unpin department 'Operations / Billing' name")
def unpin(which: Which, record: Record, field: Field) -> "Want":
    """Let the accounts decide a field again."""
    from pipelines import review_values
    from pipelines.review_run import Want

    return Want("unpin", lambda bench: review_values.unpin(bench, (which, record, field)))
