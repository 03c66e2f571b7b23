"""The emulated vendors, seeded and served over loopback: for the demo, for trying out, for recording cassettes."""

import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.company import seed
from pipelines.errors import Exit, UsageError
from pipelines.screen import Screen
from sources.nexudus.sandbox import NexudusTwin
from sources.scalepad.sandbox import ScalePadTwin
from sources.twin import TwinServer
from sources.udesk.sandbox import UdeskTwin

SECRETS: Mapping[str, str] = {
    "CONNECTIONS__UDESK_CN__EMAIL": "admin@example.test",
    "CONNECTIONS__UDESK_CN__OPEN_API_TOKEN": "sandbox-udesk-token",
    "CONNECTIONS__AMM__TOKEN": "sandbox-scalepad-token",
    "CONNECTIONS__HQ__TOKEN": "sandbox-nexudus-token",
}
"""The sandboxes' own made-up credentials, as the environment variables that a configuration for them needs."""

PASSWORDS: Mapping[str, str] = {
    "CONNECTIONS__UDESK_CN__PASSWORD": "sandbox-udesk-password",
    "CONNECTIONS__HQ__USERNAME": "admin@example.test",
    "CONNECTIONS__HQ__PASSWORD": "sandbox-nexudus-password",
}
"""What may stand in the place of a token."""

CLIENT_ID = "aa7cf840-9ca9-46a3-9778-9015d6580d50"
BUSINESS_ID = 123


@dataclass(frozen=True, slots=True)
class Sandboxes:
    """The three emulated vendors."""

    udesk: UdeskTwin
    scalepad: ScalePadTwin
    nexudus: NexudusTwin

    def serve(self, port: int = 0) -> TwinServer:
        """Serve them on 127.0.0.1 below /udesk, /scalepad and /nexudus."""
        return TwinServer({"udesk": self.udesk, "scalepad": self.scalepad, "nexudus": self.nexudus}, port)


def make(*, empty: bool = False) -> Sandboxes:
    """The three sandboxes, with the demo's company in them unless ``empty``."""
    made = Sandboxes(
        UdeskTwin(
            email=SECRETS["CONNECTIONS__UDESK_CN__EMAIL"],
            token=SECRETS["CONNECTIONS__UDESK_CN__OPEN_API_TOKEN"],
            password=PASSWORDS["CONNECTIONS__UDESK_CN__PASSWORD"],
            listing="subtree",
            name_scope="parent",
        ),
        ScalePadTwin(token=SECRETS["CONNECTIONS__AMM__TOKEN"], client_id=CLIENT_ID),
        NexudusTwin(
            business_id=BUSINESS_ID,
            token=SECRETS["CONNECTIONS__HQ__TOKEN"],
            username=PASSWORDS["CONNECTIONS__HQ__USERNAME"],
            password=PASSWORDS["CONNECTIONS__HQ__PASSWORD"],
            checks_references=False,  # so that tasks and task lists can be tried without their people and lists
        ),
    )
    if not empty:
        seed(made.udesk, made.scalepad, made.nexudus)
    return made


def accounts_for(url: str) -> Mapping[str, str]:
    """The table of each account at the sandboxes that are served at ``url``, by its name."""
    return {
        "udesk_cn": f"""\
[connections.udesk_cn]
vendor   = "udesk"
base_url = "{url}/udesk"
name_scope = "parent"
""",
        "amm": f"""\
[connections.amm]
vendor    = "scalepad"
base_url  = "{url}/scalepad/v2"
client_id = "{CLIENT_ID}"
""",
        "hq": f"""\
[connections.hq]
vendor      = "nexudus"
base_url    = "{url}/nexudus"
business_id = {BUSINESS_ID}
""",
    }


def config_for(url: str) -> str:
    """A configuration for the sandboxes at ``url``: Udesk is the authority, the other two may be written to."""
    return "\n".join([*accounts_for(url).values(), _RULES])


_RULES = """\
[departments]
authority = ["udesk_cn"]
write_to  = ["amm", "hq"]

[teams]
authority = ["hq"]

[tasks]
authority = ["hq"]

[limits]
creates = 1000   # by default also 50% of what a target holds, too few here
"""


def serve(port: int, screen: Screen, *, empty: bool) -> tuple[Exit, Mapping[str, Any]]:
    """Serve until Ctrl-C or SIGTERM, after printing a configuration and the secrets that it needs."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = make(empty=empty).serve(port)
    except OSError as fault:
        remedy = "What to do: take another, or --port 0"
        raise UsageError(f"port {port} of 127.0.0.1 cannot be served: {fault.strerror}. {remedy}") from fault
    with server:
        config = config_for(server.url)
        exports = "\n".join(f"#   export {key}={value}" for key, value in SECRETS.items())
        others = "\n".join(f"#   {key}={value}" for key, value in PASSWORDS.items())
        told = f"# The emulated vendors' made-up secrets:\n{exports}\n# or, in the place of a token:\n{others}"
        screen.show(f"{told}\n\n{config}")
        screen.result({"url": server.url, "config": config, "env": dict(SECRETS)})
        screen.say(f"serving on {server.url}; what was asked: {server.url}/_sandbox/requests; stop with Ctrl-C")
        stop.wait()
    return Exit.DONE, {}
