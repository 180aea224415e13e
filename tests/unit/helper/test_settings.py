# SPDX-License-Identifier: MIT
"""The PIN is entered once, secrets are kept, and config.ini is read or refused without quoting it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from huawei_modem.pin import MARK
from huawei_modem.settings import CONFIG, AccessPoint, Config, ConnectError, Wishes, read_config, read_secret
from unit.helper.fake_bus import CONFIGURED, FakeBus, connector, pin_file
from unit.helper.trees import write, write_secret


def test_the_pin_is_entered_from_its_file(tmp_path: Path) -> None:
    bus, said = FakeBus(), list[str]()
    bus.sim.update(PinRequired="pin", Retries={"pin": 3})
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    write_secret(tmp_path / CONFIG, f"[sim]\npin-file = {pin_file(tmp_path)}\n")
    connector(bus, tmp_path, said).prepare()
    assert bus.pins == [("pin", "1234")]
    assert "1234" not in "\n".join(said)
    assert not (tmp_path / MARK).exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_config_that_others_can_read_is_refused_with_the_command_to_run(tmp_path: Path, mode: int) -> None:
    write_secret(tmp_path / CONFIG, CONFIGURED)
    assert read_config(tmp_path).access_point("00101")
    (tmp_path / CONFIG).chmod(mode)
    with pytest.raises(ConnectError, match=r"do: chmod 600 /etc/huawei-modem/config\.ini") as caught:
        read_config(tmp_path)
    assert "hidden" not in str(caught.value)


def test_a_refused_pin_is_never_entered_again(tmp_path: Path) -> None:
    """Three wrong ones lock the SIM, and systemd starts the unit again and again."""
    bus, said = FakeBus(), list[str]()
    bus.sim["PinRequired"] = "pin"
    wishes = Wishes(pin_file=pin_file(tmp_path, "9999\n"))
    texts = []
    for _ in range(4):
        with pytest.raises(ConnectError) as caught:
            connector(bus, tmp_path, said, wishes=wishes).prepare(attended=False)
        texts.append(str(caught.value))
    assert bus.pins == [("pin", "9999")]
    assert "not accepted (org.ofono.Error.Failed)" in texts[0]
    assert "Write the right one" in texts[1]
    assert "9999" not in "\n".join([*texts, *said])
    bus.right_pin = "1234"
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path))).prepare()
    assert bus.pins == [("pin", "9999"), ("pin", "1234")]


def test_a_pin_whose_fate_is_unknown_counts_as_refused(tmp_path: Path) -> None:
    """The power may go, or the daemon, while the SIM is asked."""
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    wishes = Wishes(pin_file=pin_file(tmp_path))

    def die(*arguments: str) -> None:
        bus.pins.append(arguments)
        raise KeyboardInterrupt

    bus._enter_pin = die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        connector(bus, tmp_path, wishes=wishes).prepare()
    with pytest.raises(ConnectError, match="not tried again"):
        connector(bus, tmp_path, wishes=wishes).prepare()
    assert len(bus.pins) == 1


def test_after_its_pin_the_sim_is_given_time(tmp_path: Path) -> None:
    """oFono says for some seconds that the PIN is still required: no reason to enter it twice."""
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    bus.contexts["/huawei_0/context1"]["AccessPointName"] = "internet"
    bus._enter_pin = lambda *arguments: bus.pins.append(arguments)  # type: ignore[method-assign]
    pauses = iter(range(3))

    def later() -> None:
        if next(pauses, None) is None:
            bus.sim["PinRequired"] = "none"

    connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path)), also=later).prepare()
    assert len(bus.pins) == 1


@pytest.mark.parametrize(
    ("sim", "text"),
    [
        ({"PinRequired": "puk"}, "asks for its PUK.*destroy"),
        ({"PinRequired": "pin", "Retries": {"pin": 1}}, "1 tries are left"),
        ({"PinRequired": "network"}, "'network'"),
    ],
)
def test_what_no_pin_may_be_risked_for(tmp_path: Path, sim: dict[str, Any], text: str) -> None:
    bus = FakeBus()
    bus.sim.update(sim)
    with pytest.raises(ConnectError, match=text):
        connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path))).prepare()
    assert bus.pins == []


def test_a_locked_sim_without_a_pin_file_names_the_option(tmp_path: Path) -> None:
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    with pytest.raises(ConnectError, match="--pin-file FILE"):
        connector(bus, tmp_path).prepare()


@pytest.mark.parametrize("text", ["12a4\n", "123\n", "123456789\n", "\n", "+CPIN\n"])
def test_what_is_no_pin_is_not_sent_and_not_quoted(tmp_path: Path, text: str) -> None:
    bus = FakeBus()
    bus.sim["PinRequired"] = "pin"
    with pytest.raises(ConnectError) as caught:
        connector(bus, tmp_path, wishes=Wishes(pin_file=pin_file(tmp_path, text))).prepare()
    assert bus.pins == []
    assert not text.strip() or text.strip() not in str(caught.value).replace(str(tmp_path), "")


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = pin_file(tmp_path)
    assert read_secret(path, "PIN")[0] == "1234"
    path.chmod(0o640)
    with pytest.raises(ConnectError, match="chmod 600"):
        read_secret(path, "PIN")
    with pytest.raises(ConnectError, match="cannot be read: No such file"):
        read_secret(tmp_path / "absent", "PIN")


def test_an_access_point_does_not_show_its_password() -> None:
    assert "hidden" not in repr(Wishes(AccessPoint("apn", "user", "hidden")))


# --- config.ini ---


def access_point(config: str, network: str) -> AccessPoint | None:
    return Config(config).access_point(network)


def test_a_sections_own_network_comes_before_the_default() -> None:
    config = CONFIGURED + "[apn default]\napn = everywhere\n"
    assert access_point(config, "00101") == AccessPoint("configured", "user", "hidden")
    assert access_point(config, "00102") == AccessPoint("everywhere")
    assert access_point(CONFIGURED, "00102") is None


def test_a_password_with_a_percent_sign_is_taken_as_it_is() -> None:
    config = CONFIGURED.replace("hidden", "50%(x)s")
    found = access_point(config, "00101")
    assert found is not None
    assert found.password == "50%(x)s"  # noqa: S105  (a test value)


def test_only_known_ways_to_authenticate_are_taken() -> None:
    assert access_point(f"{CONFIGURED}auth = pap\n", "00101") == AccessPoint(
        "configured", "user", "hidden", "pap"
    )
    with pytest.raises(ConnectError, match="auth is one of"):
        access_point(f"{CONFIGURED}auth = plain\n", "00101")


@pytest.mark.parametrize(
    "config", ["password = hidden\n", "[apn 00101]\nhidden\n", "[apn 00101]\npassword = hidden\n"]
)
def test_a_broken_file_is_refused_without_quoting_it(config: str) -> None:
    with pytest.raises(ConnectError) as caught:
        access_point(config, "00101")
    assert "config.ini" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_stamp_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    write(tmp_path / "var/lib/huawei-modem", "a file where the folder should be")
    with pytest.raises(ConnectError, match="cellular-enabled: cannot be written"):
        connector(FakeBus(), tmp_path).prepare(attended=False)
