# SPDX-License-Identifier: MIT
"""Each reason of NetworkManager and each error of ModemManager, in every form in which programs print it."""

from __future__ import annotations

import pytest

from huawei_modem.database import load
from huawei_modem.transcript import doctor, reasons

DATABASE = load()
NETWORK_MANAGER = (
    "Nov 22 13:00:00 b NetworkManager[1]: <info>  [1.2] device (cdc-wdm0): state change: prepare -> failed"
    " (reason '{name}', sys-iface-state: 'managed')",
    "Nov 22 13:00:00 b NetworkManager[1]: <info> (ttyUSB0): device state change: prepare -> failed"
    " (reason '{name}') [40 120 {number}]",
    "Nov 22 13:00:00 b NetworkManager[1]: <info> (ttyUSB0): device state change: 4 -> 9 (reason {number})",
)
NUMBERS = {
    name: number for name, number in reasons._BY_REASON.items() if reasons._BY_NUMBER[number][0] != "="
}
MODEM_MANAGER = (
    "error: couldn't connect the modem:"
    " 'GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.{name}: x'",
    "GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.Gprs{name}: words",
    "Nov 22 13:00:00 b ModemManager[1]: <warn>  [modem0] couldn't connect bearer:"
    " GDBus.Error:org.freedesktop.ModemManager1.Error.MobileEquipment.{name}: words",
    "Nov 22 13:00:00 b myscript[1]: DBusError: org.freedesktop.ModemManager1.Error.Connection.{name}: words",
)


def signs(line: str) -> set[str]:
    return {sign for state in doctor.read([("log", [line])]).states for sign in state.events}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_reason_of_network_manager(name: str) -> None:
    number = NUMBERS[name]
    meaning = reasons.of_network_manager(name)
    assert meaning == reasons.of_network_manager(str(number))
    for form in NETWORK_MANAGER:
        assert meaning in signs(form.format(name=name, number=number)), form


@pytest.mark.parametrize("name", NUMBERS)
def test_a_reason_of_wlan_is_none_of_the_modem(name: str) -> None:
    line = NETWORK_MANAGER[0].format(name=name).replace("cdc-wdm0", "wlan0")
    if not name.startswith(("gsm-", "modem-", "sim-")):
        assert {sign for sign in signs(line) if sign[0] != "="} == set()


@pytest.mark.parametrize("sentence", reasons._SENTENCES)
def test_a_sentence_of_nmcli(sentence: str) -> None:
    meaning = reasons.of_network_manager(sentence)
    assert meaning in signs(f"Error: Connection activation failed: {sentence.capitalize()}.")
    text = f"GENERAL.TYPE:    gsm\nGENERAL.REASON:   {reasons._SENTENCES[sentence]} ({sentence})"
    found = {s for state in doctor.read([("log", text.splitlines())]).states for s in state.events}
    assert meaning in found


@pytest.mark.parametrize("name", reasons._BY_NAME)
def test_an_error_of_modem_manager(name: str) -> None:
    for form in MODEM_MANAGER:
        assert reasons._BY_NAME[name] in signs(form.format(name=name)), form


@pytest.mark.parametrize("words", ["SIM PIN2 required", "Memory full", "Operation not supported"])
def test_what_hinders_no_connection_is_none(words: str) -> None:
    assert reasons.of_modem_manager(f"couldn't load SPN: {words}") is None


LUCI = ("Error: Unknown error ({code})", "Unbekannter Fehler ({code})")


@pytest.mark.parametrize("code", reasons.NETIFD)
def test_a_code_of_netifd(code: str) -> None:
    """As ubus prints it on one line, and as LuCI's page shows it; of several protocols each means its own."""
    protocol, _, name = code.rpartition("/")

    def status(protocol: str, up: str) -> str:
        errors = f'"errors":[{{"subsystem":"{protocol}","code":"{name}"}}]'
        return f'{{"up":{up},"proto":"{protocol}",{errors}}}'

    meaning = reasons.NETIFD[code]
    assert meaning in signs(status(protocol or "qmi", "false"))
    assert meaning not in signs(status(protocol or "qmi", "true")), "what had failed before"
    assert meaning not in signs(status("pppoe", "false"))
    for form in LUCI if not protocol else ():
        assert meaning in signs(form.format(code=name)), form


@pytest.mark.parametrize("name", reasons._GAMMU)
def test_a_name_of_gammu(name: str) -> None:
    meaning, text = reasons.of_gammu(name), "{'Text': 'x', 'Where': 'Init', 'Code': 4}"
    for line in (
        f"gammu.ERR_{name}: {text}",
        f"_gammu.ERR_{name}: {text}",
        f"Nov 22 13:00:00 b app[1]: gammu.ERR_{name}: {text}",
        f"gammu-smsd[611]: Error at init connection: x ({name}[4])",
        f"GSM_Init failed with error {name}[4]: x",
    ):
        assert meaning in signs(line), line
    for line in (
        f"except gammu.ERR_{name}:",
        f"    except gammu.ERR_{name} as error:",
        f"raise gammu.ERR_{name}()",
    ):
        assert meaning not in signs(line), line
