# SPDX-License-Identifier: MIT
"""Access points from mobile-broadband-provider-info: one is taken, of several none, and --apn settles it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daemons.bed.client import MARKS, Bed
from daemons.bed.describe import plugged
from daemons.real import install_helper
from huawei_modem.database import load

pytestmark = MARKS

# Networks as Debian 12's mobile-broadband-provider-info has them; the subscribers are invented.
SEVERAL = "262020000000001"
ONE = "232120000000001"
ONE_APN = "web.yesss.at"


def start(bed: Bed, subscriber: str) -> None:
    found = load().mode_of("12d1:1596")
    assert found is not None
    stick = plugged(found[1])
    bed.plug(stick)
    bed.answer_at(found[1], stick, subscriber=subscriber)
    bed.start_ofono()


def context(bed: Bed) -> dict[str, Any]:
    """The internet context once the modem is attached."""
    (modem,) = bed.until(bed.modems, "a modem")
    bed.ofono(modem, "Modem.SetProperty", "sv", "Powered", True)
    bed.until(lambda: bed.ofono(modem, "SimManager.GetProperties").get("SubscriberIdentity"), "the IMSI")
    bed.ofono(modem, "Modem.SetProperty", "sv", "Online", True)
    bed.until(lambda: bed.ofono(modem, "ConnectionManager.GetProperties")["Attached"], "attached")
    ((_path, properties),) = bed.until(lambda: bed.ofono(modem, "ConnectionManager.GetContexts"), "a context")
    return dict(properties)


def test_one_access_point_of_the_network_is_taken(tmp_path: Path) -> None:
    with Bed(tmp_path) as bed:
        start(bed, ONE)
        assert context(bed)["AccessPointName"] == ONE_APN


def test_of_several_none_is_taken_and_apn_settles_it(tmp_path: Path) -> None:
    helper = str(install_helper(tmp_path))
    with Bed(tmp_path) as bed:
        start(bed, SEVERAL)
        assert context(bed)["AccessPointName"] == ""
        assert "Duplicate context detected" in bed.log("ofonod")
        bed.start_connman()
        assert [item for item in bed.services().values() if item["Type"] == "cellular"] == []
        done = bed.run(helper, "connect", "--apn", "internet", "--timeout", "60")
        assert done["status"] == 0, done
        (service,) = [item for item in bed.services().values() if item["Type"] == "cellular"]
        assert service["State"] in ("ready", "online")
        assert service["IPv4"]["Address"] == "10.64.0.2"
        assert "1 packets received" in bed.run("busybox", "ping", "-c", "1", "10.64.0.1")["out"]
