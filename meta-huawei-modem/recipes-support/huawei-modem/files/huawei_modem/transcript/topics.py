# SPDX-License-Identifier: MIT
"""What a sign is about: of each topic the latest sign counts, and takes the place of the one before.

Most topics belong to a layer of the way to the network, from the bus to the internet.
"""

from __future__ import annotations

import re

LAYERS = (
    *("bus", "mode", "driver", "port", "answers", "sim", "radio", "registration"),
    *("attached", "session", "address", "route", "traffic"),
)
"""The way to the network, the lowest first: what holds for one needs all those before it."""
_TOPICS = """
    sim@sim: sim-missing sim-pin-required sim-failure =sim-ready
    lock@sim: sim-operator-lock =unlocked
    registration@registration: not-registered =registered
    power@radio: modem-off modem-offline =powered
    attach@attached: not-attached =attached
    signal@registration: no-signal =signal
    port@answers: port-silent port-io-error port-in-use port-missing =port-answers
        =answer-late
    data@session: dial-failed ppp-auth-failed ppp-peer-terminated ppp-no-answer context-refused dhcp-failed
        modem-failed modem-unsupported connman-service-failed connman-service-idle connection-dropped
        not-connected =online =offline =dialling =discover =created
    ofono@: ofono-not-running ofono-crashed =ofono-up
    connman@: connman-not-running =connman-up
    modemmanager@: modemmanager-not-running =modemmanager-up =modemmanager-down
    request@session: ofono-busy ofono-refused dbus-denied ofono-port-silent =request-done
    reach@traffic: =ping =reach-lost =unreachable =fetched
    names@traffic: =names =names-lost
    options@session: ppp-options-wrong =dialling
"""
PROOFS = ("=sim-ready", "=registered", "=attached", "=online")
"""States that prove the layers below their own."""


def _topics() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    topics: dict[str, str] = {}
    layers, good = {}, {}
    for topic, layer, signs in re.findall(r"(\w+)@(\w*):([^:@]+)(?=\n +\w+@|\Z)", _TOPICS):
        for name in signs.split():
            topics.setdefault(name, topic)
        if layer:
            layers[topic] = layer
        good[topic] = next(name for name in signs.split() if name[0] == "=")
    return topics, layers, good


TOPICS, LAYER_OF, _GOOD = _topics()
"""Code or state to its topic: each sign of a topic takes the place of the one before. Topic to its layer."""


def proven_by(sign: str) -> dict[str, str]:
    """The topics that are right where `sign` holds, each with the sign that says so."""
    if sign not in PROOFS:
        return {}
    own = TOPICS[sign]
    height = LAYERS.index(LAYER_OF[own])
    return {
        topic: _GOOD[topic]
        for topic, layer in LAYER_OF.items()
        if topic != own and LAYERS.index(layer) <= height
    }
