# SPDX-License-Identifier: MIT
"""Unlocks the SIM with a PIN from a file, once.

Three wrong PINs lock a SIM until its PUK is entered, ten wrong PUKs destroy it (3GPP TS 31.101, 9.5). So a
PIN that was refused, or whose fate is not known, is not entered again until its file changes, also not by
the unit that systemd restarts: a mark is written before the try and taken away after it succeeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huawei_modem import regular
from huawei_modem.bus import OFONO, BusError
from huawei_modem.settings import ConnectError, read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from huawei_modem.bus import Bus

MARK = "var/lib/huawei-modem/pin-tried"
SIM = "org.ofono.SimManager"
LOCKED_BY_PUK = ("puk", "puk2", "sim-puk")


def unlock(bus: Bus, modem: str, sim: Mapping[str, Any], root: Path, file: Path | None) -> bool:
    """Enters the PIN where the SIM asks for one; whether it did. `sim` are SimManager's properties.

    Raises ConnectError where it is locked and stays so.
    """
    wanted = sim.get("PinRequired", "none")
    if wanted == "none":
        return False
    _check_possible(wanted, sim.get("Retries", {}), file)
    assert file is not None  # noqa: S101  (just checked; for mypy)
    pin, changed = read_secret(file, "PIN")
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise ConnectError(f"{file}: a PIN has four to eight digits")
    mark = root / MARK
    if _read(mark) == f"{changed}":
        raise ConnectError(
            f"SIM: the PIN in {file} was entered before and not accepted. It is not tried again, since three "
            "wrong ones lock the SIM. Write the right one to the file"
        )
    _enter(bus, modem, pin, mark, changed)
    return True


def _check_possible(wanted: str, retries: Mapping[str, int], file: Path | None) -> None:
    if wanted in LOCKED_BY_PUK:
        raise ConnectError(
            f"SIM: locked, it asks for its {wanted.upper()} (on the operator's letter). Ten wrong ones "
            "destroy it: unlock it in a telephone, or with reset-pin of ofono-scripts"
        )
    if wanted != "pin":
        raise ConnectError(
            f"SIM: it asks for {wanted!r}, which has nothing to do with its PIN; ask who sold the stick"
        )
    if file is None:
        raise ConnectError(
            "SIM: it asks for its PIN. Write it to a file that only root can read, then: "
            "huawei-modem connect --pin-file FILE"
        )
    left = retries.get("pin")
    if left is not None and left <= 1:
        raise ConnectError(
            f"SIM: {left} tries are left for the PIN, which are not risked here. Unlock it in a telephone, "
            "or with enter-pin of ofono-scripts"
        )


def _enter(bus: Bus, modem: str, pin: str, mark: Path, changed: int) -> None:
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(f"{changed}")
    except OSError as err:
        raise ConnectError(f"{mark}: cannot be written: {err.strerror}. Run as root") from err
    try:
        bus.call(OFONO, modem, SIM, "EnterPin", "pin", pin)
    except BusError as err:
        # Only the error's name: nobody promises that its text does not repeat what was sent.
        raise ConnectError(f"SIM: the PIN was not accepted ({err.name}). It is not tried again") from None
    mark.unlink(missing_ok=True)


def _read(mark: Path) -> str:
    return regular.beginning(mark, regular.SETTINGS).decode("utf-8", "replace")
