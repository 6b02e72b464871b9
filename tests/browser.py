"""Chromium as a person uses it, over its own pipe: keys are pressed, files are downloaded, pages are looked at."""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--remote-debugging-pipe", "--window-size=1000,900"),
)
WAIT_SECONDS = 60.0


class Page:
    """A tab. Messages are JSON that ends in a NUL byte."""

    def __init__(self, write: int, read: int) -> None:
        self.write, self.read = write, read
        self.rest = b""
        self.number = 0
        self.session: str | None = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")

    def ask(self, method: str, **words: Any) -> dict[str, Any]:
        self.number += 1
        request = {"id": self.number, "method": method, "params": words} | ({"sessionId": self.session} if self.session else {})
        os.write(self.write, json.dumps(request).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                assert "result" in answer, answer
                found: dict[str, Any] = answer["result"]
                return found

    def message(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            assert select.select([self.read], [], [], WAIT_SECONDS)[0], "Chromium says nothing"
            part = os.read(self.read, 2**16)
            assert part, "Chromium has ended"
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found

    def open(self, path: Path) -> None:
        self.ask("Page.navigate", url=path.as_uri())
        self.until("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def text(self, selector: str) -> str:
        return str(self.value(f"document.querySelector({json.dumps(selector)}).textContent"))

    def until(self, expression: str) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def press(self, *keys: str) -> None:
        for key in keys:
            words = {"key": key, **({"text": key} if len(key) == 1 else {})}
            self.ask("Input.dispatchKeyEvent", type="keyDown", **words)
            self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    def downloads_to(self, folder: Path) -> None:
        session, self.session = self.session, None
        self.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        self.session = session

    def look(self, path: Path) -> None:
        """Write a PNG of what is seen."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A new Chromium, which is asked through its file handles 3 and 4. The same profile finds what an earlier one kept."""
    hears, tell, listen, says = map(_high, (*os.pipe(), *os.pipe()))
    actions = [(os.POSIX_SPAWN_DUP2, hears, 3), (os.POSIX_SPAWN_DUP2, says, 4), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(
        str(CHROMIUM), [str(CHROMIUM), *QUIET, f"--user-data-dir={profile}"], os.environ, file_actions=actions, setsid=True
    )
    os.close(hears)
    os.close(says)
    try:
        page = Page(tell, listen)
        yield page
        page.session = None
        page.ask("Browser.close")
    finally:
        os.close(tell)
        os.close(listen)
        end = time.monotonic() + 10
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            time.sleep(0.02)


def _high(handle: int) -> int:
    """The same, away from 3 and 4, which are given away."""
    moved = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(handle)
    return moved
