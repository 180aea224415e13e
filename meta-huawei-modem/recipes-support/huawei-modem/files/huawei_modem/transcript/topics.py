# SPDX-License-Identifier: MIT
"""What a sign is about: of each topic the latest sign counts, and takes the place of the one before."""

from __future__ import annotations

import re

_TOPICS = """
    sim: sim-missing sim-pin-required sim-failure =sim-ready
    lock: sim-operator-lock =unlocked
    registration: not-registered =registered
    power: modem-off modem-offline =powered
    attach: not-attached =attached
    signal: no-signal =signal
    port: port-silent port-io-error port-in-use port-missing =port-answers
    data: dial-failed ppp-auth-failed ppp-peer-terminated ppp-no-answer context-refused dhcp-failed
        modem-failed modem-unsupported connman-service-failed connman-service-idle connection-dropped
        not-connected =online =offline =dialling =discover =created
    ofono: ofono-not-running ofono-crashed =ofono-up
    connman: connman-not-running =connman-up
    modemmanager: modemmanager-not-running =modemmanager-up =modemmanager-down
    request: ofono-busy ofono-refused dbus-denied ofono-port-silent =request-done
    reach: =ping =reach-lost =unreachable =fetched
    names: =names =names-lost
    options: ppp-options-wrong =dialling
"""
SETTLED = ("sim", "lock", "registration", "power", "attach", "signal", "port", "request", "options")
"""What is right where there is a connection."""

PROVES = {
    "=registered": ("=sim-ready", "=unlocked", "=powered"),
    "=attached": ("=sim-ready", "=unlocked", "=powered"),
}
"""What a state of a higher layer proves of those below it: a fault that was said of them before is over."""


def _topics() -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.findall(r"(\w+):([^:]+)(?=\n +\w+:|\Z)", _TOPICS):
        for name in part[1].split():
            found.setdefault(name, part[0])
    return found


TOPICS = _topics()
"""Code or state to its topic: each sign of a topic takes the place of the one before."""
