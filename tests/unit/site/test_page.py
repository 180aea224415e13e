# SPDX-License-Identifier: MIT
"""The doctor in Debian's chromium: what the command line answers, from any folder of any web server.

Nothing leaves, nothing freezes; a keyboard or a screen reader suffices.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import http.server
import io
import json
import lzma
import os
import random
import tarfile
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from modem_image.cache import Cache, cache_root
from modem_image.cli import main
from modem_image.site import pyodide
from modem_image.site.write import write
from unit.tab import PageError, Tab, opened

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
SUBPATH = "some/where"
SEED, PART = 417, 25
"""Which texts of the corpus, and how many, are asked in each run; all of them are on demand."""
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


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A web server's folder, with the site somewhere below it."""
    folder = tmp_path_factory.mktemp("www")
    (folder / SUBPATH).parent.mkdir(parents=True)
    write(folder / SUBPATH, pyodide.files(Cache(cache_root()), None))
    return folder


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[str]:
    with running(root) as server:
        yield f"http://127.0.0.1:{server.server_address[1]}/{SUBPATH}/"


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


@pytest.fixture(scope="module")
def page(served: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with opened(tmp_path_factory.mktemp("chromium")) as tab:
        tab.open(served)
        yield tab


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


def commanded(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The report of `modem-image doctor PATH --json -`."""
    capsys.readouterr()
    main(["doctor", str(path), "--json", "-"])
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def lines_of(report: Mapping[str, Any]) -> list[list[Any]]:
    """Findings as the page shows them."""
    shown, before = [], []
    for item in report["findings"]:
        again = len(item["remedy"]) > 1 and item["remedy"] in before
        before.append(item["remedy"])
        do = [f"do: {step}" for step in (["as said above"] if again else item["remedy"])]
        places = [
            f"{seen['source']}:{seen['line']}" if "line" in seen else seen["source"]
            for seen in item["evidence"]
        ]
        seen = [
            f"seen: {place}: {each['text']}" for place, each in zip(places, item["evidence"], strict=True)
        ]
        head = " ".join(f"{item['severity']} {item['code']}: {item['title']}".split())
        shown.append([head, [line.strip() for line in (*do, *seen)]])
    return shown


def texts_of_the_corpus() -> list[tuple[str, str]]:
    cases = [
        (f"{path.stem}: {case['name']}", case["text"])
        for path in sorted(CORPUS.glob("*.toml"))
        for case in tomllib.loads(path.read_text())["case"]
    ]
    return [*cases, ("thread", (CORPUS / "thread.txt").read_text())]


def compare(
    page: Tab, cases: list[tuple[str, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text"
    for name, text in cases:
        path.write_text(text)
        report = commanded(path, capsys)
        answer = ask(page, {"text": text.encode()})
        assert answer["findings"] == lines_of(report), name
        assert (answer["verdict"], answer["next"]) == (report["verdict"], report["facts"]["next"]), name
        assert answer["usb"][::1][:1] or not report["facts"]["usb"], name


def test_a_part_of_the_corpus_gives_what_the_command_gives(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every = texts_of_the_corpus()
    part = [*random.Random(SEED).sample(every, PART), every[-1]]  # noqa: S311  which texts is no secret
    compare(page, part, tmp_path, capsys)
    assert page.said == []


@pytest.mark.on_demand
def test_all_of_the_corpus_gives_what_the_command_gives(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(page, texts_of_the_corpus(), tmp_path, capsys)


LSUSB = b"Bus 001 Device 004: ID 12d1:1f01 Huawei Technologies Co., Ltd. E353/E3131 (Mass storage mode)\n"


def tar_of(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lsusb.txt.gz", gzip.compress(LSUSB)),
        ("lsusb.txt.xz", lzma.compress(LSUSB)),
        ("lsusb.txt", LSUSB.decode().encode("utf-16")),
        ("logs.tar.gz", tar_of({"lsusb.txt": LSUSB, "uname -r.txt": b"6.1.55\n"})),
        ("logs.tar", gzip.decompress(tar_of({"lsusb.txt": LSUSB}))),
    ],
    ids=["gzip", "xz", "utf-16", "tar.gz", "tar"],
)
def test_files_are_read_as_the_command_reads_them(
    page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    answer = ask(page, {name: content})
    assert answer["findings"] == lines_of(commanded(tmp_path / name, capsys))
    assert answer["findings"][0][0].startswith("error stick-in-storage-mode")


def test_several_files_are_one_system(page: Tab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "lsusb.txt": LSUSB,
        "uname -r.txt": b"6.1.55-7.0\n",
        "modules.txt": b"$ ls /lib/modules\n6.1.50\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    answer = ask(page, files)
    assert answer["findings"] == lines_of(commanded(tmp_path, capsys))
    assert {"error stick-in-storage-mode", "error modules-mismatch"} <= {
        head.partition(":")[0] for head, _lines in answer["findings"]
    }


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(64), "photo.png: "),
        ("log.zst", b"\x28\xb5\x2f\xfd" + bytes(16), "log.zst: packed with zstd"),
        ("cut.gz", gzip.compress(os.urandom(5000))[:2000], "cut.gz: "),
    ],
    ids=["picture", "zstd", "cut"],
)
def test_what_cannot_be_read_is_explained(page: Tab, name: str, content: bytes, why: str) -> None:
    said = ask(page, {name: content})["refused"]
    assert said.startswith(why), said
    assert "Traceback" not in said and "/" not in said.removeprefix(why)[:20]


def test_nothing_given_is_said(page: Tab) -> None:
    assert "paste a text" in ask(page)["refused"]


def test_text_from_a_log_is_never_a_part_of_the_page(page: Tab) -> None:
    hostile = "<img src=x onerror=\"document.title='had'\"><script>document.title='had'</script>"
    answer = ask(page, text=f"$ lsusb\nBus 001 Device 004: ID 12d1:1f01 {hostile}\n")
    assert "<img src=x" in json.dumps(answer["findings"])
    assert page.value("document.querySelectorAll('main img, main script').length") == 0
    assert page.value("document.title") == "The modem's doctor"


def test_no_script_of_ours_makes_markup_or_code_of_strings(root: Path) -> None:
    for path in (root / SUBPATH).glob("doctor-*/*.js"):
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function("):
            assert word not in path.read_text(), f"{path.name}: {word}"


def test_identities_do_not_get_into_the_copied_text(page: Tab) -> None:
    imei, address = "490154203237518", "02:1e:10:1f:00:01"  # the IMEI is 3GPP TS 23.003's example
    said = (
        f"[    5.0] cdc_ether 1-1:1.0 eth1: register 'cdc_ether' at usb-1, CDC Ethernet Device, {address}\n"
    )
    content = LSUSB + said.encode() + f"AT+CGSN\n{imei}\nOK\n".encode()
    text = ask(page, {f"log of {address}.txt": content})["text"]
    assert "stick-in-storage-mode" in text and "next: " in text
    assert imei not in text and address not in text
    page.do("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    page.value("document.getElementById('copy').click()")
    page.until("document.getElementById('status').textContent.startsWith('Copied')")
    assert page.value("navigator.clipboard.readText()") == text


def test_a_page_without_the_clipboard_s_interface_copies_too(page: Tab) -> None:
    """Over plain http in the LAN a browser gives none."""
    ask(page, text=LSUSB.decode())
    page.value("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    page.value("document.getElementById('copy').click()")
    page.until("document.getElementById('status').textContent.startsWith('Copied')")
    page.value("delete navigator.clipboard.writeText")


def test_nothing_leaves_and_nothing_could(page: Tab, served: str, tmp_path: Path) -> None:
    ask(page, text=LSUSB.decode())
    elsewhere = [address for address in page.asked if not address.startswith((served, f"blob:{served[:20]}"))]
    assert elsewhere == [] and len(page.asked) >= 3
    with running(tmp_path) as other:
        address = f"http://127.0.0.1:{other.server_address[1]}/"
        for way in ("fetch", "beacon", "worker", "image"):
            assert page.value(_TRIES[way].replace("ADDRESS", address)) == "refused", way
        assert other.requests == []
    page.said.clear()  # the browser has said that it refused


_TRIES = {
    "fetch": "fetch('ADDRESS').then(() => 'gone', () => 'refused')",
    "beacon": """new Promise((done) => {
      document.addEventListener("securitypolicyviolation", () => done("refused"), { once: true });
      navigator.sendBeacon("ADDRESS", "x"); setTimeout(() => done("gone"), 3000); })""",
    "worker": """new Promise((done) => {
      const code = "fetch('ADDRESS').then(() => postMessage('gone'), () => postMessage('refused'))";
      const blob = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
      new Worker(blob, { type: "module" }).onmessage = (event) => done(event.data); })""",
    "image": """new Promise((done) => {
      const image = new Image(); image.onload = () => done("gone"); image.onerror = () => done("refused");
      image.src = "ADDRESS"; })""",
}


def freezes(page: Tab, megabytes: float) -> tuple[float, str]:
    """The longest time in ms in which the page did not react while a log was read; its verdict."""
    line = "[{0:6}.{1:06}] board kernel: usb 1-1: new high-speed USB device number {2}\n"
    journal = "".join(line.format(at, at % 997, at % 99) for at in range(int(megabytes * 1e6 / 76)))
    page.value(
        """window.longest = 0; window.last = performance.now();
        window.watch = setInterval(() => { const now = performance.now();
          window.longest = Math.max(window.longest, now - window.last); window.last = now; }, 20); 0"""
    )
    text = f"$ dmesg\n{journal}$ lsusb\n{LSUSB.decode()}"
    found = ask(page, {"journal.txt": gzip.compress(text.encode(), 9)})
    longest = page.value("clearInterval(window.watch), window.longest")
    return longest, found["verdict"]


def test_a_large_log_does_not_freeze_the_page(page: Tab) -> None:
    longest, verdict = freezes(page, 1)
    assert verdict == "fault"
    assert longest < 1000


@pytest.mark.on_demand
def test_ten_megabytes_do_not_freeze_the_page(page: Tab) -> None:
    longest, verdict = freezes(page, 10)
    assert verdict == "fault"
    assert longest < 1000


def test_a_paste_that_would_freeze_the_field_is_taken_as_a_file(page: Tab) -> None:
    ask(page)  # nothing is left of what came before
    page.value(
        """(() => { const data = new DataTransfer(); data.setData("text", "line of a log\\n".repeat(20000));
        document.getElementById("text").dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, cancelable: true })); })()"""
    )
    assert "pasted text (0.3 MB)" in page.value("document.getElementById('given').textContent")
    page.value("document.querySelector('#given button').click()")
    assert page.value("document.getElementById('given').textContent") == ""


def test_a_question_can_be_stopped_and_asked_again(page: Tab) -> None:
    page.value("document.getElementById('stop').click()")
    assert page.value("document.getElementById('ask').disabled") is False
    assert ask(page, text=LSUSB.decode())["verdict"] == "fault"


def test_the_keyboard_is_enough(page: Tab) -> None:
    ask(page)
    page.value("document.getElementById('refused').hidden = true")
    page.value("document.getElementById('text').focus()")
    page.do("Input.insertText", text=LSUSB.decode())
    for name in ("files", "ask"):
        page.press("Tab", 9)
        assert page.value("document.activeElement.id") == name
    page.press("Enter", 13, "\r")
    page.until(ASKED)
    assert page.value("document.activeElement.id") == "answer-head"
    assert "stick-in-storage-mode" in page.value("document.getElementById('next').textContent")


def test_a_screen_reader_has_names_roles_and_news(page: Tab) -> None:
    ask(page, text=LSUSB.decode())
    nodes = page.do("Accessibility.getFullAXTree")["nodes"]
    heard = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    }
    assert {
        ("textbox", "Text"),
        ("button", "Ask the doctor"),
        ("button", "Copy the answer as text"),
        ("heading", "Answer"),
        ("heading", "What to do now"),
        ("main", ""),
    } <= heard
    assert any(role == "status" for role, _name in heard)
    unnamed = [
        role for role, name in heard if role in ("button", "textbox", "progressbar", "link") and not name
    ]
    assert unnamed == []
    assert page.value("document.getElementById('status').textContent").startswith("something is wrong")


@pytest.mark.parametrize("width", [1200, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_wide_and_a_narrow_window(page: Tab, width: int, scheme: str) -> None:
    ask(page, text=(CORPUS / "thread.txt").read_text())
    page.look(width, scheme=scheme)
    page.picture(f"site-{width}-{scheme}")
    wider = f"[...document.querySelectorAll('main *')].filter((each) => each.scrollWidth > {width})"
    assert page.value(f"{wider}.map((each) => each.outerHTML.slice(0, 120))") == []
    assert page.value("document.documentElement.scrollWidth") <= width
    page.look(1200)


def test_a_file_that_does_not_come_is_said(root: Path, tmp_path: Path) -> None:
    """Half a site: what the page needs is not there."""
    with running(root) as server, opened(tmp_path) as tab:
        (packed,) = (root / SUBPATH).glob("doctor-*/doctor.zip")
        packed.rename(packed.with_suffix(".gone"))
        try:
            tab.open(f"http://127.0.0.1:{server.server_address[1]}/{SUBPATH}/")
            answer = ask(tab, text="x")
        finally:
            packed.with_suffix(".gone").rename(packed)
    assert "the web server answers 404" in answer["refused"]


def test_opened_as_a_file_it_says_what_to_do(root: Path, tmp_path: Path) -> None:
    with opened(tmp_path) as tab:
        tab.open((root / SUBPATH / "index.html").as_uri())
        tab.until("!document.getElementById('refused').hidden")
        assert "modem-image serve DIR" in tab.value("document.getElementById('refused').textContent")


def test_the_driver_itself_says_what_did_not_come(page: Tab) -> None:
    with pytest.raises(PageError, match="not in 0 s: 1 === 2"):
        page.until("1 === 2", 0.1)
