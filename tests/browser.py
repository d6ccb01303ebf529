"""A headless Chromium over its DevTools protocol (chromedevtools.github.io/devtools-protocol), for tests of pages."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --remote-debugging-port=0"
)
PATIENCE = 60  # seconds


def executable() -> str | None:
    """The browser of this machine, where there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started(program: str) -> Iterator[Browser]:
    """A browser with one tab."""
    with tempfile.TemporaryDirectory(prefix="migrator-chromium-", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS.split(), f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(process, Path(profile)), max_size=None, proxy=None) as socket:
                yield Browser(socket)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _address(process: subprocess.Popen[bytes], profile: Path) -> str:
    told = profile / "DevToolsActivePort"
    until = time.monotonic() + PATIENCE
    while not (told.exists() and "\n" in told.read_text()):
        assert process.poll() is None, "the browser ended"
        assert time.monotonic() < until, "the browser does not start"
        time.sleep(0.05)
    port, path = told.read_text().split()
    return f"ws://127.0.0.1:{port}{path}"


class Browser:
    """One tab; what it says while it works is kept in ``events``."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.events: list[dict[str, Any]] = []
        self.sent = 0
        self.session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a method of the protocol."""
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        self.socket.send(json.dumps(message | ({"sessionId": self.session} if self.session else {})))
        while True:
            told = json.loads(self.socket.recv(PATIENCE))
            if told.get("id") == self.sent:
                assert "error" not in told, told
                return told["result"]
            self.events.append(told)

    def open(
        self, page: Path, fragment: str = "", *, width: int = 1280, dark: bool = False, scripts: bool = True
    ) -> None:
        """Load a page anew, as on a screen of this width."""
        phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=phone)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media="", features=[scheme])
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._load("about:blank")  # another fragment alone would not load the page anew
        self._load(page.as_uri() + fragment)

    def _load(self, url: str) -> None:
        self.events.clear()
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            assert time.monotonic() < until, "the page does not load"
            self.call("Page.getFrameTree")

    def js(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def settled(self, expression: str) -> Any:
        """The value of an expression when the page has done what was asked of it."""
        self.js(
            "new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 250))"
        )
        return self.js(expression)

    def key(self, name: str, text: str = "", *, shift: bool = False) -> None:
        """Press a key."""
        codes = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}
        about = {"key": name, "windowsVirtualKeyCode": codes.get(name, 0), "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    def said(self) -> list[str]:
        """What went wrong since the page was opened: errors of scripts, and all that the console shows."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [json.dumps(event["params"]) for event in self.events if event["method"] in kinds]

    def requests(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        asked = (event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent")
        return [each["request"]["url"] for each in asked]
