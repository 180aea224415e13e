# SPDX-License-Identifier: MIT
"""oFono with the layer's patches, and Debian trixie's without, for the bed of real daemons."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from daemons.bed.client import Bed
from daemons.bed.describe import Plugged, announced, has_driver, plugged
from daemons.bed.packages import tree
from huawei_modem.database import Interface, Mode
from modem_image.cache import Cache, cache_root
from modem_image.debian.archive import host_mirror
from modem_image.ofono import build
from modem_image.sticks.reach import mbim_of
from unit.helper.trees import mode_of

NETWORK = "wwan0"
# ^DHCP: address, mask, gateway, DHCP server, two name servers, each least significant octet first.
ADDRESS = (r"\^DHCP\?", ("^DHCP: 0200400A,00FFFFFF,0100400A,0100400A,0100400A,0300400A,0,0",), "OK")
GATEWAY = "10.64.0.1"
NETWORK_DIAL = 'AT^NDISDUP=1,1,"internet"'
PPP_DIAL = "ATD*99***1#"

# oFono of a later Debian, with all its libraries and its own C library.
TRIXIE = (
    "libatomic1",
    "libc6",
    "libcap2",
    "libdbus-1-3",
    "libell0",
    "libffi8",
    "libgcc-s1",
    "libglib2.0-0t64",
    "libpcre2-8-0",
    "libsystemd0",
    "libudev1",
    "ofono",
    "zlib1g",
)


GIVEN = "MODEM_IMAGE_OFONOD"
"""The environment's name for another ofonod with the patches: test_releases.py."""


def patched_ofono() -> Path:
    """ofonod 1.31 with the patches, for this machine; compiled once. Or the one that is given."""
    if GIVEN in os.environ:
        return Path(os.environ[GIVEN])
    return build.build_ofono(Cache(cache_root()), host_mirror(), build.host_architecture())


def trixie_ofono() -> list[str]:
    """The command that starts trixie's ofonod, 2.16, by its own dynamic loader."""
    root = tree(TRIXIE, ("trixie",))
    library = root / "usr/lib" / build.target(build.host_architecture()).triplet
    loader = next(library.glob("ld-linux-*.so.*"))
    return [str(loader), "--library-path", str(library), str(root / "usr/sbin/ofonod")]


def without_network(interface: Interface) -> bool:
    """Which interfaces have a driver when the one of the network device is missing."""
    return interface.function != "ncm" and has_driver(interface)


def every(_interface: Interface) -> bool:
    return True


@dataclass(frozen=True)
class Stick:
    """How the stick is to be; see Bed.answer_at."""

    usb: str | Mode = "12d1:1596"
    bound: Callable[[Interface], bool] = every
    replies: Sequence[Sequence[object]] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def plug(self, bed: Bed) -> Plugged:
        mode = mode_of(self.usb) if isinstance(self.usb, str) else self.usb
        stick = plugged(mode, bound=self.bound)
        bed.plug(stick)
        bed.answer_at(mode, stick, self.settings, NETWORK, replies=self.replies)
        return stick


def _without(text: str, path: str) -> tuple[str, str]:
    """A stick's text without the device at `path`, and that device's own."""
    blocks = text.split("\n\n")
    (own,) = [block for block in blocks if block.startswith(f"P: {path}\n")]
    return "\n\n".join(block for block in blocks if block is not own), own


def _path_of(stick: Plugged, name: str) -> str:
    """The device itself; a serial port's parent has the same name."""
    return [path for path in stick.paths if path.rsplit("/", 1)[-1] == name][-1]


def without_device(stick: Plugged, name: str) -> Plugged:
    """The stick before the device `name` is there; `come` brings it."""
    path = _path_of(stick, name)
    kept = tuple(other for other in stick.paths if other != path)
    return replace(stick, text=_without(stick.text, path)[0], paths=kept)


def come(bed: Bed, stick: Plugged, name: str, driver: str = "huawei_cdc_ncm") -> None:
    """The device `name` of the whole stick comes to the running daemons, as after `huawei-modem bind`."""
    path = _path_of(stick, name)
    kind = path.rsplit("/", 2)[-2]
    bed.ask("plug", text=announced(_without(stick.text, path)[1], driver, kind), binary={})
    bed.ask("uevent", path=path, action="add")


def plug_mbim_after_its_port(bed: Bed, *ofonod: Path) -> list[str]:
    """An ME906s whose GPS port comes before its MBIM; MBIM's own devices, once oFono has looked at all.

    As after a change of the configuration: option is there, cdc_mbim is still to be loaded.
    """
    mode = mbim_of(mode_of("12d1:15c1"))
    assert mode is not None
    stick = plugged(mode)
    port, network, control = "ttyUSB0", "wwan0", "cdc-wdm0"
    bed.plug(without_device(plugged(mode, bound=lambda item: item.driver == "option"), port))
    bed.start_ofono(*ofonod)
    for name, driver in ((port, "option"), (network, "cdc_mbim"), (control, "cdc_mbim")):
        come(bed, stick, name, driver)
    bed.until(lambda: f"setup_huawei() /dev/{control}" in bed.log("ofonod") or bed.modems(), "oFono to look")
    return [stick.path_of(name) for name in (network, control)]


def address(bed: Bed, settings: Mapping[str, Any]) -> None:
    """What ConnMan does with the settings of a context."""
    name = settings["Interface"]
    assert bed.run("ip", "address", "add", f"{settings['Address']}/24", "dev", name)["status"] == 0
    assert bed.run("ip", "link", "set", name, "up")["status"] == 0


ECHO = """
import socket, struct, sys, time
body = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + b"abcdefgh"
total = sum(struct.unpack("!8H", body))
check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
raw.settimeout(1)
for _ in range(8):
    try:
        raw.sendto(body[:2] + struct.pack("!H", check) + body[4:], (sys.argv[1], 0))
        if raw.recv(200)[20] == 0:
            sys.exit(0)
    except OSError:
        time.sleep(0.5)
sys.exit(1)
"""


def pings(bed: Bed, host: str = GATEWAY) -> bool:
    """Whether the operator's gateway answers, or another host."""
    return bool(bed.run("python3", "-c", ECHO, host)["status"] == 0)


@pytest.fixture(scope="session")
def patched() -> Path:
    return patched_ofono()
