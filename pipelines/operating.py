"""How a workspace is operated: who is told, what is measured, how much is kept (docs/operate.md)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipelines.accounts import LOOPBACK
from pipelines.errors import UsageError
from pipelines.sections import MetricsSection, NotifySection, PublishSection, WorkspaceSection, duration
from pipelines.strict import section

LONGEST = timedelta(minutes=1)  # a run never waits longer to tell somebody
IN_SECRETS = "secret"  # stands for an address that is a secret itself
BEARER = "authorization"


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told, by a command (its argv) or a webhook. ``runs``: the commands whose endings count.

    ``webhook``: an address, or ``IN_SECRETS``. ``header``: the name of the one that carries the secret.
    """

    command: tuple[str, ...]
    webhook: str | None
    header: str
    runs: tuple[str, ...]
    patience: timedelta

    def wants(self, command: str) -> bool:
        """Whether anybody is to hear how a command ends."""
        return command in self.runs and bool(self.command or self.webhook)


@dataclass(frozen=True, slots=True)
class Destinations:
    """The warehouses that the published tables are loaded into, and what stands before their schemas' names there."""

    names: tuple[str, ...]
    prefix: str


@dataclass(frozen=True, slots=True)
class Operating:
    """What happens at the end of every run. ``metrics``: the file, absolute."""

    keep_runs: int
    notify: Notify
    metrics: Path | None
    destinations: Destinations


def operating(path: Path, document: Mapping[str, Any], workspace: WorkspaceSection) -> Operating:
    """The tables of the configuration at ``path`` that are about operating. Raises ``UsageError``."""
    if workspace.keep_runs < 1:
        raise UsageError("workspace.keep_runs: at least 1")
    file = section(document, "metrics", MetricsSection).file
    if file is not None and not file.endswith(".prom"):
        raise UsageError(f"metrics.file: {file!r} must end with .prom: node_exporter reads no other files")
    metrics = path.parent / file if file else None
    return Operating(workspace.keep_runs, _notify(document), metrics, _destinations(document))


def _destinations(document: Mapping[str, Any]) -> Destinations:
    told = section(document, "publish", PublishSection)
    if not re.fullmatch(r"([a-z][a-z0-9_]{0,30})?", told.prefix):
        raise UsageError('publish.prefix: lower-case letters, digits and _ only, such as "orgweave_"')
    return Destinations(tuple(dict.fromkeys(told.destinations)), told.prefix)


def _notify(document: Mapping[str, Any]) -> Notify:
    table = document.get("notify")
    if isinstance(table, dict) and BEARER in table:
        where = "put it into $NOTIFY__AUTHORIZATION, or under [notify] in .dlt/secrets.toml"
        raise UsageError(f"notify.{BEARER}: a secret does not stand here; {where}")
    told = section(document, "notify", NotifySection)
    if told.webhook is not None:
        _check_address(told.webhook)
    if not re.fullmatch(r"[A-Za-z0-9-]+", told.header):
        raise UsageError("notify.header: letters, digits and - only, such as Authorization or X-Token")
    if "command" in (table or {}) and not (told.command and told.command[0]):
        raise UsageError('notify.command: the program and its arguments, such as ["/usr/local/bin/tell", "ops"]')
    patience = duration(told.timeout, "notify.timeout")
    if not timedelta() < patience <= LONGEST:
        raise UsageError("notify.timeout: from 1s to 1m: a run waits for it")
    return Notify(told.command, told.webhook, told.header, told.runs, patience)


def _check_address(text: str) -> None:
    """An address that would not send secrets in the clear. The text may be a secret: no error repeats it."""
    if text == IN_SECRETS:
        return
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:  # half a bracket, a port that is no number
        parts, host = urlsplit(""), ""
    if not re.fullmatch(r"[\w.:-]+", host) or not text.isprintable() or "@" in parts.netloc:
        raise UsageError(
            f'notify.webhook: expected https://host[:port][/path], without credentials, or "{IN_SECRETS}" where the '
            "address itself is one, which $NOTIFY__WEBHOOK then holds"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise UsageError("notify.webhook: http would send it in the clear; https, or a loopback address")
