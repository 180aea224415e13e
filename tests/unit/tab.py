# SPDX-License-Identifier: MIT
"""Debian's chromium, driven: a page is opened, typed into, asked (Chrome DevTools Protocol over a pipe)."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from unit.browser import SCREENSHOTS

PATIENCE = 300.0
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
    "about:blank",
)


class PageError(AssertionError):
    """The page raised, or did not come to what was awaited."""


class Tab:
    """One page of a running chromium. `asked` are the addresses that it has asked for, `said` its console."""

    def __init__(self, write: int, read: int) -> None:
        self._write, self._read = write, read
        self._received = b""
        self._number = 0
        self.asked: list[str] = []
        self.said: list[str] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session: str | None = None
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: object) -> dict[str, Any]:
        """The result of a command. Raises PageError."""
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        session = getattr(self, "_session", None)
        text = json.dumps({**order, "sessionId": session} if session else order)
        os.write(self._write, text.encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self._next(end)
            if answer and answer.get("id") == self._number:
                if "error" in answer:
                    raise PageError(f"{method}: {answer['error']['message']}")
                found: dict[str, Any] = answer["result"]
                return found
        raise PageError(f"{method}: no answer in {PATIENCE:.0f} s")

    def _next(self, end: float) -> dict[str, Any] | None:
        while b"\0" not in self._received:
            if not select.select([self._read], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            data = os.read(self._read, 1 << 20)
            if not data:
                raise PageError("chromium ended")
            self._received += data
        text, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])
        elif message.get("method") == "Log.entryAdded":
            self.said.append(parameters["entry"]["text"])
        elif message.get("method") == "Runtime.exceptionThrown":
            self.said.append(json.dumps(parameters["exceptionDetails"])[:500])

    def value(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited when it is a promise. Raises PageError."""
        found = self.do(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in found:
            raise PageError(f"{expression[:200]}: {json.dumps(found['exceptionDetails'])[:500]}")
        return found["result"].get("value")

    def open(self, address: str) -> None:
        """Go to a page, and wait until it is there."""
        self.do("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def until(self, condition: str, patience: float = PATIENCE) -> None:
        """Wait until a JavaScript expression is true. Raises PageError."""
        end = time.monotonic() + patience
        while not self.value(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise PageError(f"not in {patience:.0f} s: {condition}; the page said {self.said[-3:]}")
            time.sleep(0.05)

    def press(self, key: str, code: int = 0, text: str = "") -> None:
        """One key, as a person presses it."""
        for kind in ("keyDown", "keyUp"):
            self.do("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)

    def look(self, width: int, height: int = 900, scheme: str = "light") -> None:
        """Show the page in a window of this size, light or dark."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, name: str) -> Path:
        """A picture of the whole page, in build/test-output, for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        data = self.do("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path = SCREENSHOTS / f"{name}.png"
        path.write_bytes(base64.b64decode(data))
        return path


@contextlib.contextmanager
def opened(profile: Path) -> Iterator[Tab]:
    """A tab of a chromium of its own. Without chromium the test fails, and says what to do."""
    assert shutil.which("chromium"), "apt-get install --no-install-recommends chromium"
    order_read, order_write = os.pipe()
    answer_read, answer_write = os.pipe()

    def connect() -> None:
        # It reads orders from 3 and writes answers to 4; neither pipe may lie there before.
        high = os.dup(order_read), os.dup(answer_write)
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    with (profile / "chromium.log").open("wb") as log:
        process = subprocess.Popen(
            ["chromium", *_OPTIONS, f"--user-data-dir={profile}"],
            env={**os.environ, "HOME": str(profile), "XDG_CONFIG_HOME": str(profile)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(3, 4),
            preexec_fn=connect,
            start_new_session=True,
        )
    os.close(order_read)
    os.close(answer_write)
    try:
        yield Tab(order_write, answer_read)
    finally:
        os.close(order_write)
        os.close(answer_read)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
