"""Debian's headless Chromium, driven through its debugging pipe: for tests of pages, without a driver to install."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""What it is called where; Debian's packages chromium-headless-shell and chromium give the first two."""


def found() -> str | None:
    """The browser of this machine, if it has one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


_PLACED = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Puts the two ends where the browser looks for them."""


class Page:
    """An open page of the browser."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser, self._session = browser, session

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command of the browser's protocol; its result."""
        return self._browser.send(method, parameters, self._session)

    def run(self, expression: str) -> Any:
        """The value of a script's expression; what it throws fails the test."""
        told = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys, by the names that a page knows them by."""
        codes = {"Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                code = codes.get(key, 0)
                text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
                self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def size(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """Be a screen of this size and scheme; one of 600 or less is a telephone."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width <= 600}
        self.send("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def said(self, *methods: str) -> list[dict[str, Any]]:
        """The events so far of these kinds."""
        return [one["params"] for one in self._browser.events if one["method"] in methods]


class Browser:
    """The browser; it reads commands from its descriptor 3 and answers on 4, each message ended by a zero byte."""

    def __init__(self, binary: str, folder: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self._number, self._rest = 0, b""
        commands, self._to = os.pipe()
        self._from, answers = os.pipe()
        given = [binary, "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(  # noqa: S603 - the browser that was found
            [sys.executable, "-c", _PLACED, str(commands), str(answers), *given, "about:blank"],
            pass_fds=(commands, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def open(self, file: Path) -> Page:
        """Open a file in a new page, and wait until it has loaded."""
        target = self.send("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        page = Page(self, session)
        for part in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{part}.enable")
        page.send("Page.navigate", url=file.absolute().as_uri())
        while not page.said("Page.loadEventFired"):
            self._take(self._message())
        return page

    def send(self, method: str, parameters: dict[str, Any], session: str | None = None) -> Any:
        """Send a command and wait for its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(self._to, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        while (answer := self._message()).get("id") != self._number:
            self._take(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.events.append(message)

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._from, 1 << 20)
            assert read, "the browser has ended"
            self._rest += read
        one, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(one)
        return told


@contextmanager
def browser(binary: str) -> Iterator[Browser]:
    """A browser with a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, Browser(binary, Path(folder)) as opened:
        yield opened
