# SPDX-License-Identifier: MIT
"""The doctor's page asked as a person asks it, and the web server that it comes from."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from unit.tab import Tab

SUBPATH = "some/where"
LSUSB = b"Bus 001 Device 004: ID 12d1:1f01 Huawei Technologies Co., Ltd. E353/E3131 (Mass storage mode)\n"
ASKED = "!document.getElementById('answer').hidden || !document.getElementById('refused').hidden"
ANSWER = """(() => {
  const texts = (from, name) => [...from.querySelectorAll(name)].map((each) => each.textContent.trim());
  return {
    refused: document.getElementById("refused").hidden ? "" : document.getElementById("refused").textContent,
    verdict: document.querySelector("#verdict .badge")?.textContent,
    next: document.getElementById("next-step").textContent,
    findings: [...document.querySelectorAll("#findings details")].map(
      (each) => [texts(each, "summary")[0].replace(/\\s+/g, " "), texts(each, "dd")],
    ),
    usb: texts(document.getElementById("usb"), "code"),
    text: document.getElementById("as-text").value,
  };
})()"""


class _Server(http.server.SimpleHTTPRequestHandler):
    """A web server that knows JavaScript, and has never heard of WebAssembly."""

    extensions_map = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", "": "text/plain"}  # noqa: RUF012

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        self.server.requests.append(self.path)  # type: ignore[attr-defined]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Any]:
    """A web server on loopback; what it was asked for is in `requests`."""
    handler = functools.partial(_Server, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.requests = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def ask(page: Tab, files: Mapping[str, bytes] | None = None, text: str = "") -> dict[str, Any]:
    """What the page answers to files and a text in its field."""
    packed = {name: base64.b64encode(content).decode() for name, content in (files or {}).items()}
    page.value(
        f"""(async () => {{
          while (document.querySelector("#given button")) document.querySelector("#given button").click();
          const list = new DataTransfer();
          for (const [name, data] of Object.entries({json.dumps(packed)})) {{
            const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
            list.items.add(new File([bytes], name));
          }}
          const chooser = document.getElementById("files");
          chooser.files = list.files;
          if (list.files.length) chooser.dispatchEvent(new Event("change"));
          document.getElementById("text").value = {json.dumps(text)};
          document.getElementById("answer").hidden = document.getElementById("refused").hidden = true;
          document.getElementById("ask").click();
        }})()"""
    )
    page.until(ASKED)
    found: dict[str, Any] = page.value(ANSWER)
    return found
