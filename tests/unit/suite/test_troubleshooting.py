# SPDX-License-Identifier: MIT
"""docs/troubleshooting.md promises a code for what one sees: the doctor says it of that line alone."""

from __future__ import annotations

import pytest

from huawei_modem.database import load
from huawei_modem.transcript import doctor
from modem_image import PROJECT

PROMPT = "root@colibri:~# "
# What the page has in its first column, its code, and the line as it comes.
SEEN = [
    ("`list-modems`: \"The name org.ofono was not provided\"", "ofono-not-running",
     f"{PROMPT}list-modems\ndbus.exceptions.DBusException: org.freedesktop.DBus.Error."
     "ServiceUnknown: The name org.ofono was not provided by any .service files"),
    ("`Error.NotAttached`", "not-attached",
     f"{PROMPT}activate-context\ndbus.exceptions.DBusException: "
     "org.ofono.Error.NotAttached: GPRS is not attached"),
    ("disagrees about version of symbol", "modules-mismatch",
     "[   12.300000] option: disagrees about version of symbol usb_serial_register_drivers"),
    ("`error -71`", "usb-power", "[    3.000000] usb 1-1: device descriptor read/64, error -71"),
    ("LCP: timeout sending Config-Requests", "ppp-no-answer",
     "pppd[12]: LCP: timeout sending Config-Requests"),
    ("PAP authentication failed", "ppp-auth-failed", "pppd[12]: PAP authentication failed"),
    ("kernel does not support PPP filtering", "ppp-filter-missing",
     "pppd[12]: kernel does not support PPP filtering"),
    ("NO CARRIER", "dial-failed", "chat[12]: ATD*99#\nchat[12]: NO CARRIER"),
    ("`Connect script failed`", "dial-failed", "pppd[12]: Connect script failed"),
    ("Device or resource busy", "port-in-use", "Cannot open /dev/ttyUSB2: Device or resource busy"),
    ("`/dev/ttyUSB0: No such file or directory`", "port-missing",
     "pppd[12]: Failed to open /dev/ttyUSB0: No such file or directory"),
    ("SIM PIN required", "sim-pin-required", "+CME ERROR: SIM PIN required"),
    ("`SIM not inserted`", "sim-missing", "+CME ERROR: SIM not inserted"),
    ("`usb_modeswitch: command not found`", "modeswitch-missing",
     f"{PROMPT}usb_modeswitch -v 12d1 -p 1f01 -J\n-sh: usb_modeswitch: command not found"),
    ("Module option not found in directory", "modules-missing",
     f"{PROMPT}modprobe option\nmodprobe: FATAL: Module option not found in directory /lib/modules/5.4.1"),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "code", "text"), SEEN, ids=[code for _seen, code, _text in SEEN])
def test_the_doctor_says_what_the_page_promises(seen: str, code: str, text: str) -> None:
    page = (PROJECT / "docs" / "troubleshooting.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("|") and seen in line.split("|")[1]]
    assert rows, "the page has no such row"
    assert any(f"[{code}]" in row for row in rows)
    history = doctor.read([("paste", text.splitlines())])
    assert code in [finding.code for finding in doctor.report(history, "paste", load()).findings]
