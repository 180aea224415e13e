# SPDX-License-Identifier: MIT
"""Listings of real sticks become recordings: read as they are pasted, completed by rule, nothing changed."""

from __future__ import annotations

import gzip
import re
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem_image import cli
from modem_image.bench.stick import data
from modem_image.bench.stick.stick import Stick
from modem_image.errors import InputError
from modem_image.sticks.recording import file, reader
from modem_image.sticks.recording.model import Device, Recording
from modem_image.sticks.recording.raw import decode
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE

LISTINGS = Path(__file__).parents[2] / "corpus" / "listings"
NAMES = sorted(path.stem for path in LISTINGS.glob("*.txt"))
VENDORS = {0x12D1, 0x3566, 0x03F0}


def text_of(name: str) -> str:
    return (LISTINGS / f"{name}.txt").read_text()


def devices(text: str | bytes, usb: str | None = None) -> list[Device]:
    return reader.devices_of(text.encode() if isinstance(text, str) else text, VENDORS, usb)


def recording(name: str) -> Recording:
    return recorded(name, devices(text_of(name)), DATABASE, f"tests/corpus/listings/{name}.txt")


def plain_lines(text: str) -> dict[str, list[tuple[str, ...]]]:
    """Interfaces by the id above them, line by line: number, alternate, three of the class, driver."""
    found: dict[str, list[tuple[str, ...]]] = {}
    usb = None
    for line in text.splitlines():
        if line.startswith("D:"):
            usb = None
        if ids := re.match(r"P: +Vendor=(\w{4}) ProdID=(\w{4})", line):
            usb = f"{ids[1]}:{ids[2]}"
        fields = re.match(
            r"I: +If#= *(\d+) Alt= *(\S+) .*Cls=(\w\w|\?)(?:\(.*?\))? Sub=(\S+) Prot=(\S+) Driver=(\S*)", line
        )
        if fields and usb:
            found.setdefault(usb, []).append(fields.groups())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_interface_of_a_listing_is_read(name: str) -> None:
    found: dict[str, list[tuple[str, ...]]] = {}
    for device in devices(text_of(name)):
        for setting in device.settings:
            driver = {None: "", "": "(none)"}.get(setting.driver, setting.driver) or ""
            numbers = ["?" if part == "??" else part for part in setting.class_text.split("/")]
            alternate = "?" if "alternate" in setting.filled else str(setting.alternate)
            found.setdefault(device.usb, []).append((str(setting.number), alternate, *numbers, driver))
    wanted = {
        usb: [(*line[:5], "" if line[5] == "?" else line[5]) for line in lines]
        for usb, lines in plain_lines(text_of(name)).items()
    }
    assert found == wanted


@pytest.mark.parametrize("name", NAMES)
def test_what_a_listing_shows_is_kept_and_what_is_added_is_marked(name: str) -> None:
    before, after = devices(text_of(name)), recording(name).devices
    assert [device.usb for device in after] == [device.usb for device in before if device.settings]
    for shown, whole in zip((d for d in before if d.settings), after, strict=True):
        there = {(c.value, s.number, s.alternate): s for c in shown.configurations for s in c.settings}
        for one in whole.configurations:
            for setting in one.settings:
                assert None not in setting.triple
                assert setting.count == len(setting.endpoints)
                known = there.get((one.value, setting.number, setting.alternate))
                if known is None or known.triple != setting.triple:
                    assert {"class", "alternate"} & set(setting.filled)
                if known is None or known.endpoints != setting.endpoints:
                    assert "endpoints" in setting.filled or not setting.endpoints
                    assert known is None or set(known.endpoints) <= set(setting.endpoints)
                if known is not None:
                    assert known.descriptors in ((), setting.descriptors)
                    assert known.driver == setting.driver


@pytest.mark.parametrize("key", ["number", "value", "max_packet", "max_power_ma"])
@pytest.mark.parametrize("value", [-1, 70_000, 10**30])
def test_a_number_that_no_descriptor_holds_is_refused(key: str, value: int, tmp_path: Path) -> None:
    """One was taken, and ended in a fault once a machine asked for the descriptors."""
    text = file.to_toml(recording(NAMES[0]))
    path = tmp_path / "stick.toml"
    path.write_text(re.sub(rf"(?m)^{key} = \d+", f"{key} = {value}", text, count=1))
    assert path.read_text() != text
    with pytest.raises(InputError, match=f"{key} must be 0 to"):
        data.load(path)


@pytest.mark.parametrize("key", ["speed", "manufacturer", "product", "mode", "name"])
@pytest.mark.parametrize("where", ["-", "stick.json"])
def test_nothing_in_a_recording_steers_a_terminal(
    key: str, where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = file.to_toml(recording(NAMES[0]))
    hostile = re.sub(rf"(?m)^{key} = .*", f'{key} = "\\\\u001b]0;owned\\\\u0007\\\\u202e"', text, count=1)
    assert hostile != text
    Path("stick.toml").write_text(hostile)
    status = cli.main(["stick", "show", "stick.toml", "--json", where])
    assert (status == 2) == (key == "speed")
    said = capsys.readouterr()
    written = Path(where).read_text("utf-8") if where != "-" and status == 0 else ""
    shown = said.out + said.err + written
    assert shown.replace("\n", "").isprintable()
    assert "owned" in shown


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    made = recording(name)
    path = tmp_path / f"{name}.toml"
    path.write_text(file.to_toml(made))
    again = file.read(path)[0]

    def bare(one: Recording) -> Recording:
        """Without what only the listing knows: lengths, counts and lines."""
        return replace(
            one,
            notes=(),
            devices=tuple(
                replace(
                    device,
                    line=1,
                    count=None,
                    configurations=tuple(replace(c, count=None, total=None) for c in device.configurations),
                )
                for device in one.devices
            ),
        )

    assert bare(again) == bare(made)


@pytest.mark.parametrize("name", NAMES)
def test_every_recording_can_be_plugged_in(name: str, tmp_path: Path) -> None:
    """The descriptors that the emulated device gives are those of the recording, octet by octet."""
    path = tmp_path / f"{name}.toml"
    made = recording(name)
    path.write_text(file.to_toml(made))
    stick = Stick(data.load(path))
    for device in made.devices:
        emulated = stick.switched(device.mode, lambda _name, **_detail: None, lambda _mode: None)
        for one in device.configurations:
            assert emulated.set_configuration(one.value)
        description = emulated.description
        octets = b"".join([description.descriptor(), *(c.descriptor() for c in description.configurations)])
        decoded = decode(octets)
        assert (decoded.usb, decoded.triple, decoded.release) == (device.usb, device.triple, device.release)
        for shown, one in zip(decoded.configurations, device.configurations, strict=True):
            assert (shown.value, shown.attributes, shown.max_power, shown.associations) == (
                one.value,
                one.attributes,
                one.max_power,
                one.associations,
            )
            assert [
                (s.number, s.alternate, s.triple, s.endpoints, s.descriptors) for s in shown.settings
            ] == [(s.number, s.alternate, s.triple, s.endpoints, s.descriptors) for s in one.settings]


MANGLED: dict[str, Callable[[str], str]] = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "no indentation, single spaces": lambda text: re.sub(r"[ \t]+", " ", text),
    "deep indentation": lambda text: "".join(f"\t        {line}\n" for line in text.splitlines()),
    "quoted in a mail": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "quoted twice": lambda text: "".join(f"> > {line}\n" for line in text.splitlines()),
    "in a page": lambda text: f"<p>Hi,<br><pre><code>{text.replace('>', '&gt;')}</code></pre>thanks",
    "in a forum's code": lambda text: f"[CODE]{text}[/CODE]\nDoes anybody know?",
    "spaces that do not break": lambda text: text.replace("  ", "\xa0 "),
    "in colour": lambda text: "".join(f"\x1b[32m{line}\x1b[0m\n" for line in text.splitlines()),
    "between other devices": lambda text: f"{OTHER_DEVICES}\n{text}\n{OTHER_DEVICES}",
    "with a BOM": lambda text: f"\ufeff{text}",
}
OTHER_DEVICES = """
T:  Bus=01 Lev=00 Prnt=00 Port=00 Cnt=00 Dev#=  1 Spd=480 MxCh= 1
D:  Ver= 2.00 Cls=09(hub  ) Sub=00 Prot=01 MxPS=64 #Cfgs=  1
P:  Vendor=1d6b ProdID=0002 Rev=06.01
S:  Manufacturer=Linux 6.1.0-18-armmp ehci_hcd
S:  Product=EHCI Host Controller
C:  #Ifs= 1 Cfg#= 1 Atr=e0 MxPwr=0mA
I:  If#= 0 Alt= 0 #EPs= 1 Cls=09(hub  ) Sub=00 Prot=00 Driver=hub
E:  Ad=81(I) Atr=03(Int.) MxPS=   4 Ivl=256ms
T:  Bus=01 Lev=01 Prnt=01 Port=00 Cnt=01 Dev#=  2 Spd=1.5 MxCh= 0
D:  Ver= 1.10 Cls=00(>ifc ) Sub=00 Prot=00 MxPS= 8 #Cfgs=  1
P:  Vendor=046d ProdID=c31c Rev=49.00
C:  #Ifs= 1 Cfg#= 1 Atr=a0 MxPwr=90mA
I:  If#= 0 Alt= 0 #EPs= 1 Cls=03(HID  ) Sub=01 Prot=01 Driver=usbhid
"""


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
@pytest.mark.parametrize("name", ["e173-hisilicon-1506", "1446-1436", "e3372h-320-155e", "e3531-15e7-1506"])
def test_it_does_not_matter_how_it_was_pasted(name: str, mangle: Callable[[str], str]) -> None:
    wanted, found = devices(text_of(name)), devices(mangle(text_of(name)))
    assert [replace(device, line=0) for device in found] == [replace(device, line=0) for device in wanted]


def test_a_table_on_one_line_and_one_that_is_broken() -> None:
    """As a shell's trace shows it, each word quoted; and as a narrow window breaks it."""
    text = "\n".join(line for line in text_of("e3372h-320-155e").splitlines() if not line.startswith("#"))
    (wanted,) = devices(text)
    (traced,) = devices("+ echo " + " ".join(f"'{word}'" for word in text.split()))
    (broken,) = devices(re.sub(r" (MxPS|Driver|Prot|Atr)", r"\n\1", text))
    assert replace(broken, line=0) == replace(wanted, line=0)
    assert traced.configurations == wanted.configurations
    assert (traced.usb, traced.release) == (wanted.usb, wanted.release)


def test_two_listings_of_one_device_are_one_device() -> None:
    """What usb-devices knows, the drivers, comes to what lsusb -v knows, the descriptors."""
    table = text_of("e3372s-153-15b6-ff02")
    (alone,) = devices(table)
    bare = re.sub(r"Driver=\S+", "Driver=?", table)
    without = "\n".join(line for line in table.splitlines() if not line.startswith("E:"))
    (both,) = devices(f"{bare}\n{without}")
    assert both.configurations == alone.configurations


def test_a_name_for_a_device_without_its_id() -> None:
    cut = "\n".join(line for line in text_of("15d5-e303-movistar").splitlines() if not line.startswith("P:"))
    with pytest.raises(InputError, match="one without its id"):
        devices(cut)
    (found,) = devices(cut, "12d1:15d5")
    assert found.usb == "12d1:15d5"
    assert len(found.settings) == 6


@pytest.mark.parametrize("text", ["", "\x00\xff", "lsusb: command not found", "Vendor=12d1"])
def test_what_is_no_listing_is_refused_and_says_what_to_give(text: str) -> None:
    with pytest.raises(InputError, match="usb-devices"):
        devices(text)


def test_strings_of_a_stick_are_hostile(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\"\"\"'''\\u0000 ${HOME} $(reboot) \u202egpj.exe ]]\n[[device]]"
    text = text_of("14dc-huawei").replace("Product=HUAWEI Mobile", f"Product={evil}")
    made = recorded("../../etc/passwd", devices(text), DATABASE, evil)
    written = file.to_toml(made)
    assert "\x1b" not in written
    assert "\u202e" not in written
    path = tmp_path / "evil.toml"
    path.write_text(written)
    (device,) = file.read(path)[0].devices
    assert device.usb == "12d1:14dc"
    assert device.name is not None
    assert device.name.isprintable()
    assert data.load(path).id == "etc-passwd"


PIECES = st.sampled_from(
    [
        *text_of("e173-hisilicon-1506").splitlines(),
        *text_of("1f1e-vodafone").splitlines(),
        "I: If#= 999 Alt= 99",
    ]
)


@settings(max_examples=3 * settings.default.max_examples // 2, deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40), st.sampled_from(["\n", " ", "\r\n"]))
def test_any_text_gives_devices_or_an_error_for_people(pieces: list[str], between: str) -> None:
    try:
        found = devices(between.join(pieces))
        made = recorded("any", found, DATABASE)
    except InputError:
        return
    assert file.to_toml(made)


def test_an_import_replaces_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not the user's project, not what he changed in an earlier import, not the listing itself."""
    listing = tmp_path / "mine.toml"
    listing.write_text((LISTINGS / "e3531-15e7-1506.txt").read_text())
    before = listing.read_bytes()
    assert cli.main(["stick", "import", str(listing), "--output", str(tmp_path)]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert listing.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_a_recording_is_called_as_it_was_asked_for(tmp_path: Path) -> None:
    """A date in its name is no serial number, nor is a thread's number in what its listing is from."""
    listing, source = LISTINGS / "e3531-15e7-1506.txt", "forum.example.org, thread 1234567890"
    words = ["stick", "import", str(listing), "--name", "mine-20261130", "--source", source]
    assert cli.main([*words, "--output", str(tmp_path)]) == 0
    made = file.read(tmp_path / "mine-20261130.toml")[0]
    assert (made.name, made.source) == ("mine-20261130", source)


@pytest.mark.parametrize("option", ["--name", "--source"])
@pytest.mark.parametrize("identity", ["K5TCB0000TEST321", "490154203237518", "02:00:5e:00:53:01"])
def test_what_is_given_has_no_identity_of_the_listing(
    option: str, identity: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {"K5TCB0000TEST321": "  iSerial                 3 K5TCB0000TEST321\n"}.get(identity, "")
    listing = tmp_path / "mine.txt"
    listing.write_text((LISTINGS / "e3531-15e7-1506.txt").read_text() + said)
    made = tmp_path / "made"
    command = ["stick", "import", str(listing), option, f"stick {identity}", "--output", str(made)]
    assert cli.main(command) == 2
    assert f"{option} " in capsys.readouterr().err
    assert not made.exists()


def test_a_listing_without_end_is_refused() -> None:
    text = "Bus 001 Device 002: ID 12d1:1506 Huawei\n" + "      bInterfaceNumber        1\n" * 600
    with pytest.raises(InputError, match="more than 512 interfaces"):
        reader.devices_of(text.encode(), {0x12D1})


def test_a_capture_costs_no_more_than_it_is(tmp_path: Path) -> None:
    """A header of names that says 64 MiB is refused, and not read."""
    path = tmp_path / "bomb.tar.gz"
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 64 << 20
    path.write_bytes(gzip.compress(head.tobuf(tarfile.GNU_FORMAT) + bytes(64 << 20), 1))
    with pytest.raises(InputError, match="a header of 67108864 bytes"):
        reader.content_of(path)
