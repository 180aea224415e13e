# SPDX-License-Identifier: MIT
"""oFono with the layer's patches, built from source: data over the network device, not PPP.

The kernel is Debian's without LPAE, of which this is the only boot.
"""

from __future__ import annotations

import pytest

from .conftest import FAST, Run

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("stick", FAST)
def test_it_is_online_from_plug_in_to_ping(fast_tour: dict[str, Run], stick: str) -> None:
    run = fast_tour[stick]
    assert (run.report["verdict"], run.status) == ("ok", 0), run.said
    assert run.seconds("ping") is not None
    assert run.report["facts"]["status"]["kernel"]["release"].endswith("-armmp")


@pytest.mark.parametrize("stick", FAST)
def test_the_network_device_is_dialled_and_no_ppp_is_spoken(fast_tour: dict[str, Run], stick: str) -> None:
    events = (fast_tour[stick].folder / "stick.log").read_text()
    assert "dialled port=ncm cid=1" in events
    assert "ncm-up" in events
    assert "ppp-" not in events


@pytest.mark.parametrize("stick", FAST)
def test_connman_carries_the_service_over_it(fast_tour: dict[str, Run], stick: str) -> None:
    (service,) = fast_tour[stick].report["facts"]["status"]["connman"]["services"]
    assert (service["type"], service["state"]) == ("cellular", "online")
    assert service["interface"].startswith("ww")
