"""The commands that lead to a write, on the command line: plan, apply, sync, undo."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_migrate import migrate
from pipelines.cli_session import Command, Outcome, in_session
from pipelines.options import Accept, ConfigFile, MaxWait, Only, Yes
from pipelines.session import Session

Pick = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID", help="Only this change of the plan that was shown, with what it needs; again, or c1,c4."
    ),
]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Apply the plan to emulated vendors first, and tell what would go wrong.")
]


@in_session
def plan(
    session: Session,
    *,
    to: Annotated[list[str] | None, typer.Option(help="A target; may be given again.")] = None,
    only: Only = None,
    out: Annotated[Path | None, typer.Option(help="Also write the sealed plan here.")] = None,
    pick: Pick = None,
    accept: Accept = None,
    rehearse: Rehearse = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown, for a merge request.")] = False,
    detailed_exitcode: Annotated[bool, typer.Option("--detailed-exitcode", help="10 when changes are ready.")] = False,
    config: ConfigFile = None,
) -> Outcome:
    """Reconcile and write a sealed plan. Touches no vendor's data."""
    from pipelines.commands import PlanOptions, plan_command

    options = PlanOptions(to or [], only or [], out, detailed_exitcode, pick or [], as_markdown, rehearse, accept or [])
    return plan_command(session, config, options)


@in_session
def apply(
    session: Session,
    file: Annotated[Path | None, typer.Argument(help="A sealed plan; default: the newest.", show_default=False)] = None,
    *,
    yes: Yes = False,
    max_wait: MaxWait = None,
    config: ConfigFile = None,
) -> Outcome:
    """Apply a sealed plan, or go on with one that was cut off, and read back what was written."""
    from pipelines.commands import apply_command

    return apply_command(session, config, file, max_wait, yes=yes)


@in_session
def sync(
    session: Session,
    *,
    yes: Yes = False,
    max_wait: MaxWait = None,
    accept: Accept = None,
    rehearse: Rehearse = False,
    config: ConfigFile = None,
) -> Outcome:
    """Pull, plan, apply, verify, publish: the line for cron."""
    from pipelines.commands import sync_command

    return sync_command(session, config, accept or [], max_wait, yes=yes, rehearse=rehearse)


@in_session
def undo(
    session: Session,
    run: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Its id, or the start of it: see orgweave runs. Several: all at once."),
    ],
    *,
    yes: Yes = False,
    accept: Accept = None,
    config: ConfigFile = None,
) -> Outcome:
    """Take a run back by a plan of its own, sparing what was edited since. The accounts are read anew first."""
    from pipelines.undo import undo_command

    return undo_command(session, config, run, accept or [], yes=yes)


WRITING: tuple[tuple[Command, str], ...] = (
    (plan, "plan --to amm --only departments --out plan.json"),
    (apply, "apply plan.json --yes"),
    (sync, "sync --yes --config /etc/orgweave/orgweave.toml   (for cron)"),
    (migrate, "migrate --from udesk_cn --to amm --csv loss.csv"),
    (undo, "undo 1a2b3c4d"),
)
"""Each command with its example."""
