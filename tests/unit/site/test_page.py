# SPDX-License-Identifier: MIT
"""The doctor's page in Debian's chromium, from any folder of any web server.

Nothing leaves, nothing freezes; a keyboard or a screen reader suffices. What it answers: test_answers.py.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from unit.site.asked import ASKED, LSUSB, SUBPATH, ask, running
from unit.tab import PageError, Tab, opened

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


def test_nothing_given_is_said(page: Tab) -> None:
    assert "paste a text" in ask(page)["refused"]


def test_text_from_a_log_is_never_a_part_of_the_page(page: Tab) -> None:
    hostile = "<img src=x onerror=\"document.title='had'\"><script>document.title='had'</script>"
    answer = ask(page, text=f"$ lsusb\nBus 001 Device 004: ID 12d1:1f01 {hostile}\n")
    assert "<script>" in json.dumps(answer["findings"]), "not for being masked"
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
