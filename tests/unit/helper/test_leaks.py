# SPDX-License-Identifier: MIT
"""Nothing that identifies anybody leaves: identities planted where programs, files and daemons have them.

The oracle is the corpus: what stands between «» in `tests/corpus/identities` was put there by hand, in forms
taken from the sources of the programs. A value leaks when it is in the output in any of its spellings.
"""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import capture, facts, status
from huawei_modem.bus import BusError
from huawei_modem.database import load
from huawei_modem.mask import logs
from huawei_modem.transcript import doctor
from huawei_modem.transcript.pasted import masker
from unit.helper.samples import healthy
from unit.helper.test_running_kernel import system
from unit.helper.trees import held, plug, write

CORPUS = Path(__file__).parents[2] / "corpus" / "identities"
PLANTED = re.compile("«(.*?)»")


def lines_of(name: str) -> list[str]:
    text = (CORPUS / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def bare(text: str) -> str:
    return re.sub(r"[\s:._/\\-]", "", text).casefold()


def leaks(output: str, values: list[str]) -> list[str]:
    """The values that can still be read in `output`, with whatever marks between their characters."""
    output = re.sub(r"\[masked-\d+\]", "|", output)
    return [
        value
        for value in values
        if value in output or (sum(map(str.isdigit, value)) > 4 and bare(value) in bare(output))
    ]


LINES = [
    line
    for name in ("logs", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
    for line in lines_of(f"{name}.txt")
]


def bare_line(line: str) -> str:
    return line.replace("«", "").replace("»", "")


def leaves(line: str) -> bool:
    """Whether a capture has the line, as the journal or the kernel's buffer gives it."""
    bare = bare_line(line)
    kept = (*logs.of_journal(f"[   10.000001] {bare}"), *logs.of_dmesg(bare))
    return any(bare in one for one in kept)


def test_the_corpus_is_large_enough() -> None:
    assert sum(len(PLANTED.findall(line)) for line in LINES) >= 1340
    assert sum(map(leaves, LINES)) >= 130


@pytest.mark.parametrize("line", [line for line in LINES if leaves(line)])
def test_no_identity_leaves_a_line(line: str) -> None:
    """Of the others the whole line stays (test_mask_logs.py)."""
    assert leaks(masker()(bare_line(line)), PLANTED.findall(line)) == []


@pytest.mark.slow
def test_the_doctor_quotes_no_identity() -> None:
    """Each line of the corpus pasted alone, whatever program's it is: what is quoted of it is masked."""
    database = load()
    found = {}
    for line in LINES:
        report = doctor.report(doctor.read([("log", [bare_line(line)])]), "log", database)
        # A name of four letters is in the midst of other words.
        planted = [value for value in PLANTED.findall(line) if len(value) > 4]
        if left := leaks(report.to_json(), planted):
            found[line] = left
    assert found == {}


# Files: what stands between «» in each was planted; the rest has to leave, for a capture is there to be read.

TREE = CORPUS / "tree"


def planted_root(root: Path) -> list[str]:
    """The tree of the corpus below `root`, with a stick in it; returns what was planted."""
    system(root)
    device = plug(root, "12d1:1596")
    values: list[str] = []
    for source in sorted(path for path in TREE.rglob("*") if path.is_file()):
        text = source.read_text(encoding="utf-8")
        values += PLANTED.findall(text)
        place = str(source.relative_to(TREE)).replace("@colon@", ":")
        write(root / place, text.replace("«", "").replace("»", ""))
    write(device / "serial", "SN0123456789\n")
    (device / "descriptors").write_bytes(
        bytes.fromhex("1201000200000040d112961502010102030109") + b"490154203237518"
    )
    config = (root / "proc/config").read_bytes()
    (root / "proc/config").unlink()
    (root / "proc/config.gz").write_bytes(gzip.compress(config))
    return [*values, "SN0123456789", "490154203237518"]


def test_no_identity_leaves_a_file(tmp_path: Path) -> None:
    values = planted_root(tmp_path / "root")
    assert len(values) >= 70
    collected = facts.collect(tmp_path / "root", load())
    capture.write(tmp_path / "report.tar.gz", tmp_path / "root", collected, masker())
    members = held(tmp_path / "report.tar.gz")
    assert {name: leaks(text, values) for name, text in members.items() if leaks(text, values)} == {}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("files/etc/huawei-modem/config.ini", "[apn 00101]\napn = internet\nusername = [masked-"),
        ("files/etc/huawei-modem/config.ini", "pin-file = /etc/huawei-modem/pin"),
        ("files/etc/huawei-modem/config.ini", "pasword = [masked-"),
        ("files/etc/udev/rules.d/99-team.rules", 'ATTRS{idVendor}=="12d1", ENV{ID_USB_INTERFACE_NUM}=="00"'),
        ("files/etc/udev/rules.d/99-team.rules", 'ENV{OFONO_LABEL}="modem"'),
        ("files/etc/udev/rules.d/99-team.rules", 'RUN+="/usr/bin/curl …"'),
        ("files/etc/usb_modeswitch.d/12d1:1f01", 'MessageContent = "555342431234567800000000000006110620'),
        ("files/etc/connman/main.conf", "SingleConnectedTechnology = true"),
        ("files/etc/modules-load.d/team.conf", "option\n"),
        (
            "files/proc/cmdline",
            "console=ttymxc0,115200 root=… rootwait option.debug=1 toradex_product_serial=…",
        ),
        ("config.txt", "CONFIG_TUN=m\n# CONFIG_PPP is not set\n"),
        ("udev.txt", "E:OFONO_LABEL=modem\n"),
        ("usb.txt", "1-1:1.3: 03/ff/03/46, driver huawei_cdc_ncm"),
        ("usb.txt", "descriptors: 12 01 00 02 00 00 00 40 d1 12 96 15 02 01 01 02 03 01\n"),
    ],
)
def test_what_a_distant_person_needs_leaves(tmp_path: Path, name: str, expected: str) -> None:
    planted_root(tmp_path / "root")
    capture.write(tmp_path / "report.tar.gz", tmp_path / "root", healthy(), masker())
    assert expected in held(tmp_path / "report.tar.gz")[name]


# What was found once, in each spelling.

AGAIN = [
    "joined swordfish99 today",
    "JOINED SWORDFISH99",
    "hex 73776f726466697368 3939",
    "hex 73:77:6f:72:64:66:69:73:68:39:39",
    "hex 73 77 6F 72 64 66 69 73 68 39 39",
    "ucs2 00730077006F0072006400660069007300680039 0039",
    "base64 c3dvcmRmaXNoOTk=",
    "url?x=Two%20Words",
    "udev Two\\x20Words and Two_Words",
    "at two words end",
    "hex 54776f20576f726473",
    "mac 0C-5B-8F-27-9A-64 0c:5b:8f:27:9a:64 0C5B8F279A64 0c5b.8f27.9a64 0c 5b 8f 27 9a 64 64:9a:27:8f:5b:0c",
    "name enx0c5b8f279a64",
    "imei 490154203237518 4901-5420-3237-518 49 01 54 20 32 37 51 8",
    "imei swapped 94104502233715f8 and 9410450223 3715f8",
    "imei octets 34 39 30 31 35 34 32 30 33 32 33 37 35 31 38",
    "imsi on the SIM 0910101032547698",
    "serial usb-HUAWEI_ab12cd34ef-if00, AB12CD34EF.",
    "ssid 416e6e61277320486f6d65 Anna's Home Anna%27s%20Home",
]
KNOWN = {
    "swordfish99": "PIN, user or password",
    "Two Words": "PIN, user or password",
    "0c:5b:8f:27:9a:64": "MAC address",
    "490154203237518": "IMEI, IMSI, ICCID or the like",
    "001010123456789": "IMEI, IMSI, ICCID or the like",
    "ab12cd34ef": "serial number",
    "Anna's Home": "name of a WLAN or connection",
}
REMAINS = re.compile(
    r"swordfish|7377|7300|c3dv|two.?words|5477|0c.?5b|64.?9a|9a.?64|4901|3237|9410|34.?39.?30|1010|ab12|anna|416e",
    re.IGNORECASE,
)


@pytest.mark.parametrize("line", AGAIN)
def test_what_was_found_once_is_found_again_in_each_spelling(line: str) -> None:
    mask = masker()
    mask.learn(KNOWN.items())
    found = REMAINS.search(re.sub(r"\[masked-\d+\]", "|", mask(line)))
    assert found is None, found


def test_a_secret_that_the_last_log_gives_away_is_masked_in_the_first(tmp_path: Path) -> None:
    texts = {
        "a.txt": "someone typed opensesame1 here\n",
        "b.txt": 'sent [PAP AuthReq user="x" password="opensesame1"]\n',
    }
    running = capture.Live(None, texts)
    capture.write(tmp_path / "report.tar.gz", tmp_path, healthy(), masker(), running)
    assert not any("opensesame1" in text for text in held(tmp_path / "report.tar.gz").values())


def test_a_secret_in_the_last_evidence_of_the_doctor_is_masked_in_the_first() -> None:
    lines = [
        "Nov 22 13:00:00 board pppd[9]: CHAP authentication failed: sorry, swordfish99",
        'Nov 22 13:00:09 board pppd[9]: CHAP authentication failed: bad password="swordfish99"',
    ]
    report = doctor.report(doctor.read([("log", lines)]), "log", load())
    assert report.findings
    assert "swordfish99" not in report.to_json()


def test_a_message_is_masked_on_the_lines_after_its_header() -> None:
    text = '+CMGL: 1,"REC READ","+15555550100",,"date"\nmeet me at noon\nand bring it\n\nOK\n+CSQ: 20,99\n'
    shown = list(masker().lines(text))
    assert not re.search("noon|bring", "".join(shown))
    assert shown[-2:] == ["OK", "+CSQ: 20,99"]


def test_dbus_monitor_names_a_secret_on_the_line_before_it() -> None:
    text = '         string "Password"\n         variant             string "hidden words"\n'
    assert "hidden" not in "".join(masker().lines(text))


def test_a_password_that_is_a_word_of_the_logs_does_not_blank_them() -> None:
    mask = masker()
    assert "modem" not in mask('sent [PAP AuthReq user="modem" password="ofono"]').partition("user")[2]
    assert mask("ofono has a modem") == "ofono has a modem"


# D-Bus: properties that hold an identity, in the places of oFono's and ConnMan's documentation.

SECRETS_ON_BUS = {
    "SubscriberIdentity": "001010123456789",
    "CardIdentifier": "8988211000000000001",
    "SubscriberNumbers": ["15555550100", "15555550101"],
    "ServiceNumbers": {"Mailbox": "15555550102"},
    "PreferredLanguages": ["zulu-secret"],
    "Serial": "490154203237518",
    "SoftwareVersionNumber": "490154203237519",
    "CellId": 117441283,
    "LocationAreaCode": 20634,
    "TrackingAreaCode": 20635,
    "ServiceCenterAddress": "+15555550103",
    "VoicemailMailboxNumber": "15555550104",
    "EmergencyNumbers": ["15555550105"],
    "MessageCenter": "http://user9:pass9@mms.example",
    "MessageProxy": "10.20.30.40:8080",
    "Username": "bus alice",
    "Password": "bus,secret > word",
    "TetheringIdentifier": "Bus Hotspot",
    "TetheringPassphrase": "bus tether",
    "Passphrase": "bus wifi pass",
    "IncomingLine": "15555550106",
    "VoiceUnconditional": "15555550107",
    "NetworkNotificationText": "dear bob builder",
}


class PlantedBus:
    """Every interface of the modem, and every service, with all of these properties."""

    def has_owner(self, _service: str, seconds: float = 0) -> bool:
        return True

    def set_property(self, *_call: Any) -> None:
        raise AssertionError("asking changes nothing")

    def call(
        self, _service: str, _path: str, interface: str, method: str, *_rest: str, **_named: float
    ) -> Any:
        if method == "GetModems":
            names = [
                "SimManager",
                "ConnectionManager",
                "MessageManager",
                "CallForwarding",
                "VoiceCallManager",
            ]
            return [
                [
                    "/hfp/dev_02_00_00_00_00_01",
                    {"Online": True, "Interfaces": [f"org.ofono.{name}" for name in names], **SECRETS_ON_BUS},
                ]
            ]
        if method == "GetContexts":
            settings = {
                "Interface": "ppp0",
                "Address": "10.0.0.2",
                "Username": "bus alice",
                "Proxy": "10.20.30.40:8080",
            }
            return [
                [
                    "/huawei_0/context1",
                    {"AccessPointName": "internet", "Settings": settings, **SECRETS_ON_BUS},
                ]
            ]
        if method == "GetTechnologies":
            return [["/net/connman/technology/wifi", {"Type": "wifi", **SECRETS_ON_BUS}]]
        if method == "GetServices":
            wifi = {"Type": "wifi", "Name": "Bus Home", "State": "idle"}
            cellular = {
                "Type": "cellular",
                "Name": "Test",
                "Ethernet": {"Address": "02:00:00:00:00:02"},
                **SECRETS_ON_BUS,
            }
            return [
                ["/net/connman/service/wifi_020000000003_42757320486f6d65_managed_psk", wifi],
                ["/net/connman/service/cellular_001010123456789_context1", cellular],
            ]
        if interface == "org.ofono.CallForwarding":
            raise BusError("org.ofono.Error.NotAvailable", "ask +15555550108")
        return SECRETS_ON_BUS


def test_no_identity_leaves_a_listing(tmp_path: Path) -> None:
    values = [
        "02_00_00_00_00_01",
        "02:00:00:00:00:02",
        "020000000003",
        "Bus Home",
        "42757320486f6d65",
        "+15555550108",
    ]
    for value in SECRETS_ON_BUS.values():
        values += (
            value if isinstance(value, list) else value.values() if isinstance(value, dict) else [str(value)]
        )
    texts = {
        "journalctl.txt": "".join(
            f"[   12.345678] ofonod[3]: something about {value} again\n"
            for value in values
            if " " not in value
        )
    }
    capture.write(
        tmp_path / "report.tar.gz", tmp_path, healthy(), masker(), capture.Live(PlantedBus(), texts)
    )
    members = held(tmp_path / "report.tar.gz")
    found = {name: leaks(text, values) for name, text in members.items() if name != "journalctl.txt"}
    assert {name: left for name, left in found.items() if left} == {}
    assert "AccessPointName = internet" in members["list-contexts.txt"]
    assert "cellular_[masked-" in members["connmanctl_services.txt"]
    # In a log a bare number says nothing by itself; what the listings have shown to be an identity is masked.
    known = [
        "001010123456789",
        "8988211000000000001",
        "490154203237518",
        "15555550100",
        "15555550101",
        "020000000003",
    ]
    assert leaks(members["journalctl.txt"], known) == []


# `status` and `doctor`: the same filter.


def test_status_and_doctor_show_no_wlan_and_no_address() -> None:
    collected: Any = healthy()
    collected["sticks"][0]["interfaces"][3]["net"] = collected["default_route"] = "enx0c5b8f279a64"
    wifi = {
        "type": "wifi",
        "name": "Anna's Home",
        "state": "online",
        "error": None,
        "interface": "wlan0",
        "address": "192.0.2.2",
    }
    collected["connman"]["services"].append(wifi)
    from huawei_modem.mask import facts as allowed

    text = status.to_text(allowed.facts(collected, masker()))
    assert not re.search("Anna|0c5b", text)
    assert "wifi: [masked-" in text
