# SPDX-License-Identifier: MIT
"""A stick behind QEMU's usbredir socket, by hand:

    qemu-system-arm ... -chardev socket,id=stick,path=S,server=on,wait=off -device usb-redir,chardev=stick
    PYTHONPATH=scripts python3 -m modem_image.bench.stick --socket S --stick ms2372h-vodafone

Prints one line of JSON an event, until QEMU ends or Ctrl-C.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from modem_image.bench.stick import data
from modem_image.bench.stick.events import Event
from modem_image.bench.stick.modem import Registration
from modem_image.bench.stick.peer import End, run_peer
from modem_image.bench.stick.ppp_packets import Auth
from modem_image.bench.stick.sim import SimState
from modem_image.bench.stick.stick import STORAGE_MODE, StickSettings, load_stick, settings_from
from modem_image.errors import EXIT_FAULT, EXIT_OK, UserError


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="python3 -m modem_image.bench.stick",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("--socket", type=Path, required=True, help="unix socket that QEMU listens on")
    words.add_argument("--stick", default="ms2372h-vodafone", choices=data.names())
    words.add_argument("--start", default=STORAGE_MODE, help="mode after plugging in")
    words.add_argument("--sim", default="ready", choices=[state.value for state in SimState])
    words.add_argument("--pin", default="0000", help="the SIM's PIN (with --sim pin)")
    words.add_argument("--registration", default="home", choices=[state.value for state in Registration])
    words.add_argument("--apn", help="the only APN that the network accepts (default: any)")
    words.add_argument("--auth", default="none", choices=[auth.value for auth in Auth])
    words.add_argument("--username", default="", help="for --auth pap or chap")
    words.add_argument("--password", default="", help="for --auth pap or chap")
    return words


def settings(options: argparse.Namespace) -> StickSettings:
    names = ("start", "sim", "pin", "registration", "apn", "auth", "username", "password")
    return settings_from({name: value for name in names if (value := getattr(options, name)) is not None})


def show(event: Event) -> None:
    print(json.dumps(dataclasses.asdict(event)), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        end = run_peer(options.socket, load_stick(options.stick, settings(options)), show)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return EXIT_OK
    return EXIT_FAULT if end is End.PROTOCOL_ERROR else EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
