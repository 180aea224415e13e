# SPDX-License-Identifier: MIT
"""A capture: the findings of the system it was made on, and nothing that identifies anybody."""

from __future__ import annotations

import copy
import json
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import bus, capture, facts, rules
from huawei_modem.database import load
from huawei_modem.mask import Masker
from huawei_modem.outputs import OutputError
from huawei_modem.report import to_text
from huawei_modem.transcript import captured, doctor, summary
from unit.helper.samples import healthy
from unit.helper.test_rules import FAULTS
from unit.helper.test_running_kernel import system
from unit.helper.trees import held, plug, write

IDENTITIES = (
    "001010123456789",
    "490154203237518",
    "8988211000000000001",
    "+15555550100",
    "02:00:00:00:00:01",
    "02-00-00-00-00-01",
    "020000000001",
    "hunter2",
    "somebody",
    "SN0123456789",
    "5555550100",
    "49-015420-323751-8",
)
SECRETS = """\
        SubscriberNumbers = [ 15555550100 15555550101 ]
        SubscriberIdentity = 001010123456789
        CardIdentifier = 8988211000000000001
        ServiceCenterAddress = 15555550100
        ServiceNumbers = { Mailbox=15555550100 }
        VoicemailMailboxNumber = 15555550100
AT+CIMI
001010123456789
AT+CGSN
490154203237518
^ICCID: 8988211000000000001
+CNUM: "","+15555550100",145
+CRSM: 144,0,"98881201000000000010"
AT+CPIN="1234"
AT^AUTHDATA=1,1,"","hunter2","somebody"
AT+CGAUTH=1,1,"somebody","hunter2"
[   12.000000] usb 1-1: SerialNumber: SN0123456789
E:ID_SERIAL_SHORT=SN0123456789
E: ID_SERIAL=HUAWEI_Mobile_SN0123456789
S:  SerialNumber=SN0123456789
  iSerial                 4 SN0123456789
    ATTRS{serial}=="SN0123456789"
  Serial No.: SN0123456789
Serial number: SN0123456789
lrwxrwxrwx 1 root root 13 Nov 22 13:00 usb-HUAWEI_Mobile_SN0123456789-if00-port0 -> ../../ttyUSB0
ATD5555550100;
Nov 22 13:00:00 board pppd[9]: sent [PAP AuthReq id=0x1 user="somebody" password="hunter2"]
password = hunter2
Username=somebody
pin = 1234
*AO Test network         cellular_001010123456789_context1
*AR Wired                ethernet_020000000001_cable
eth0      Link encap:Ethernet  HWaddr 02:00:00:00:00:01
          inet6 addr: fe80::0:00ff:fe00:1/64 Scope:Link
connmand[1]: wwx020000000001 {newlink} index 2
net02-00-00-00-00-01: up
Nov 22 13:00:00 board ofonod[3]: Pcui: < \\r\\n001010123456789\\r\\n\\r\\nOK\\r\\n
call from +15555550100
my IMEI is 490154203237518. Or 49-015420-323751-8!
"""


def capture_of(tmp_path: Path, root: Path, collected: facts.Facts) -> Path:
    target = tmp_path / "report.tar.gz"
    capture.write(target, root, collected, Masker())
    return target


@pytest.mark.parametrize(("code", "where", "value"), FAULTS)
def test_a_capture_gives_the_findings_of_the_system(
    tmp_path: Path, code: str, where: tuple[str | int, ...], value: Any
) -> None:
    broken = healthy()
    inner = broken
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value
    report, _text = doctor.of_path(capture_of(tmp_path, tmp_path, broken), load())
    assert report.findings == rules.judge(broken)
    assert code in {finding.code for finding in report.findings}


MODES = sorted({mode.usb for stick in load().sticks for mode in stick.modes if mode.interfaces})


@pytest.mark.parametrize("usb", MODES)
@pytest.mark.parametrize(("drivers", "labels"), [(True, True), (True, False), (False, False)])
def test_a_system_and_its_capture_agree(tmp_path: Path, usb: str, drivers: bool, labels: bool) -> None:
    """Every mode of every stick that is known, whole, without labels and without drivers."""
    root = tmp_path / "root"
    system(root)
    plug(root, usb, drivers=drivers, labels=labels)
    collected = facts.collect(root, load())
    report, _text = doctor.of_path(capture_of(tmp_path, root, collected), load())
    assert report.findings == rules.judge(collected)


def test_it_holds_what_a_distant_person_needs(tmp_path: Path) -> None:
    root = tmp_path / "root"
    system(root)
    plug(root, "12d1:1596")
    write(root / "etc/udev/rules.d/88-modem.rules", 'ENV{OFONO_LABEL}="modem"\n')
    files = held(capture_of(tmp_path, root, facts.collect(root, load())))
    assert {"facts.json", "usb.txt", "udev.txt", "files/etc/udev/rules.d/88-modem.rules"} <= set(files)
    assert "1-1:1.3: 03/ff/03/46, driver huawei_cdc_ncm" in files["usb.txt"]
    assert "OFONO_LABEL=modem" in files["udev.txt"]


def test_it_holds_the_kernels_configuration_and_an_unpacked_one_is_a_capture_too(tmp_path: Path) -> None:
    import gzip

    root = tmp_path / "root"
    system(root)
    (root / "proc/config.gz").write_bytes(
        gzip.compress(b"# of Linux\nCONFIG_TUN=m\n# CONFIG_PPP is not set\n")
    )
    path = capture_of(tmp_path, root, healthy())
    assert held(path)["config.txt"] == "CONFIG_TUN=m\n# CONFIG_PPP is not set\n"
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    report, text = doctor.of_path(tmp_path / "unpacked", load())
    assert (report.findings, report.facts["kernel"]["release"]) == ((), "6.1.55-7.0")
    assert text == "recognised: capture: unpacked\n"


def test_a_capture_of_an_older_helper_is_read(tmp_path: Path) -> None:
    collected: Any = healthy()
    del collected["sticks"][0]["configurations"]
    report, _text = doctor.of_path(capture_of(tmp_path, tmp_path, collected), load())
    assert report.facts["sticks"][0]["configurations"] is None


def test_only_its_owner_may_read_it_and_nothing_is_left_of_a_failed_one(tmp_path: Path) -> None:
    path = capture_of(tmp_path, tmp_path, healthy())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OutputError):
        capture.write(tmp_path / "absent" / "report.tar.gz", tmp_path, healthy(), Masker())
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.tar.gz"]


# Redaction


def leaks(text: str) -> list[str]:
    return [identity for identity in (*IDENTITIES, '"1234"', "= 1234") if identity in text]


def test_no_identity_is_in_a_capture(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("etc/udev/rules.d/1.rules", "etc/connman/main.conf", "etc/huawei-modem/config.ini"):
        write(root / name, SECRETS)
    write(root / "boot/config-6.1.55-7.0", 'CONFIG_CMDLINE="password=hunter2 ethaddr=02:00:00:00:00:01"\n')
    write(root / "proc/cmdline", "console=ttymxc0 serialno=SN0123456789\n")
    collected = healthy()
    collected["ofono"]["reason"] = SECRETS
    collected["connman"]["services"][0]["name"] = "+15555550100"
    files = held(capture_of(tmp_path, root, collected))
    assert len(files) >= 9
    assert "[masked-1]: PIN, user or password" in files["masked.txt"].splitlines()
    assert {name: leaks(text) for name, text in files.items() if leaks(text)} == {}


def test_no_identity_is_in_what_the_doctor_says() -> None:
    text = f"root@board:~# connmanctl services\n{SECRETS}\nroot@board:~# list-modems\n{SECRETS}\n"
    for line in SECRETS.splitlines():
        text += f"Nov 22 13:00:00 board pppd[9]: CHAP authentication failed: {line}\n"
    history = doctor.read([("paste", text.splitlines())])
    report = doctor.report(history, "paste", load())
    assert report.findings
    assert leaks(to_text(report) + report.to_json() + summary.to_text(history)) == []


def test_one_value_has_one_token_however_it_is_written() -> None:
    mask = Masker()
    tokens = {
        mask(f"at {value} now") for value in ("02:00:00:00:00:AB", "02:00:00:00:00:ab", "02-00-00-00-00-ab")
    }
    assert tokens == {"at [masked-1] now"}
    assert mask("imsi 001010123456789") == "imsi [masked-2]"
    assert mask("again 001010123456789") == "again [masked-2]"
    assert mask.count == 2


@pytest.mark.parametrize(
    "line",
    [
        "[60303.851479] usb 1-1.1: new high-speed USB device number 10 using ci_hdrc",
        "Linux colibri-imx7-emmc 4.1.44-00003-ge08513e #1 SMP Wed Oct 4 21:39:05 UTC 2017 armv7l GNU/Linux",
        "5.4.193-5.7.1-devel+git.f0c0a5d4b3a6",
        "6.6.54-g0123456789ab",
        "6.1.80+gf0c0a5d4b3a6",
        "inet addr:10.128.203.141  Bcast:10.128.207.255  Mask:255.255.248.0",
        "        PinRequired = none",
        "+CPIN: READY",
        "sent [PAP AuthReq id=0x1 password=<hidden>]",
        "12d1:1596 is a modem, and its serial ports have no driver: no ttyUSB",
        "usb 1-1.1: New USB device strings: Mfr=1, Product=2, SerialNumber=0",
        "  iSerial                 0",
        "  Serial No.: not provided",
        "[    0.857600] Serial: 8250/16550 driver, 5 ports, IRQ sharing enabled",
        "[    0.871276] 30860000.serial: ttymxc0 at MMIO 0x30860000 (irq = 32) is a IMX",
        "[    0.000000]   DMA      [mem 0x0000000080000000-0x000000009fffffff]",
        "        Retries = { pin=3 pin2=3 puk=10 puk2=10 }",
        "ATD*99***1#",
        'ATTRS{idVendor}=="12d1", ENV{ID_USB_INTERFACE_NUM}=="00", ENV{OFONO_LABEL}="modem"',
    ],
)
def test_what_identifies_nobody_stays(line: str) -> None:
    assert Masker()(line) == line


# Captures of others


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ((), []),
        (("kernel",), None),
        (("sticks",), {}),
        (("sticks", 0, "interfaces", 0, "number"), "0"),
        (("sticks", 0, "usb"), None),
        (("ofono", "modems", 0, "contexts"), "none"),
        (("kernel", "foreign"), []),
        (("tun",), 1),
    ],
)
def test_a_capture_of_another_shape_is_refused(
    tmp_path: Path, where: tuple[str | int, ...], value: Any
) -> None:
    document: dict[str, Any] = {"schema": 1, "facts": copy.deepcopy(healthy())}
    inner: Any = document
    for step in ("facts", *where)[:-1]:
        inner = inner[step]
    inner[("facts", *where)[-1]] = value
    with pytest.raises(captured.CaptureError, match="facts"):
        captured.read(tar_of(tmp_path, json.dumps(document)))


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"schema": 2, "facts": {}}'], ids=range(5))
def test_a_damaged_capture_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(captured.CaptureError):
        captured.read(tar_of(tmp_path, text))


def tar_of(tmp_path: Path, text: str) -> Path:
    (tmp_path / "facts.json").write_text(text)
    path = tmp_path / "other.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "facts.json", "facts.json")
    assert captured.is_capture(path)
    return path


def test_strings_of_maker_and_model_leave_and_a_persons_do_not(tmp_path: Path) -> None:
    """stick import needs them; a firmware may hold anything else there."""
    device = tmp_path / "sys/bus/usb/devices/1-1"
    for name, value in {"idVendor": "12d1", "manufacturer": "Vodafone (Huawei)"}.items():
        write(device / name, value)
    for product, leaves in {
        "HUAWEI Mobile": True,
        "Anna's HUAWEI Mobile": False,
        "Mobile 4901542": False,
    }.items():
        write(device / "product", product)
        text = "".join(capture._usb(tmp_path))
        assert "  manufacturer: Vodafone (Huawei)\n" in text
        assert ("product" in text) == leaves


def test_who_has_built_the_kernel_stays_on_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "uname"
    program.write_text('#!/bin/sh\ncase $1 in *[anv]*) echo "#3-somebody";; *) echo "Linux 6.1.0";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = "".join(capture.live(bus.Once()).logs.values())
    assert "Linux 6.1.0" in said and "somebody" not in said
