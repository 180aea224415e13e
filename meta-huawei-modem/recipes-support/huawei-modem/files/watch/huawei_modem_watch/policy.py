# SPDX-License-Identifier: MIT
"""What a connection can be like, what can be done, and how patiently: the tables of the watch's decisions."""

from __future__ import annotations

import enum
from typing import NamedTuple


class Condition(enum.Enum):
    """What the connection is like; the values are what journal, JSON and metrics show."""

    ONLINE = "online"
    NO_STICK = "no-stick"
    OFF = "off"
    """Offline mode, cellular off, disconnected by `huawei-modem disconnect`, or no automatic connecting."""
    NO_CONNMAN = "no-connman"
    NO_OFONO = "no-ofono"
    """Not on the bus although its unit should run, or on it without an answer."""
    STORAGE = "storage-mode"
    NO_MODEM = "no-modem"
    SIM = "sim"
    """Not there, or locked."""
    DENIED = "denied"
    SEARCHING = "searching"
    REFUSED = "refused"
    """Registered, and the network takes no call."""
    STUCK = "stuck"
    """As refused, but oFono is still busy with the call, which neither comes nor ends."""
    CONNECTING = "connecting"
    NO_DEVICE = "no-device"
    """Connected, as ConnMan says, and through no network device."""
    NO_ANSWER = "no-answer"
    """Connected, and nothing comes back."""


class Action(enum.Enum):
    """What can be done."""

    CONNECT = "connect"
    RECONNECT = "reconnect"
    CELLULAR = "cellular-off-on"
    RESTART_OFONO = "restart-ofono"
    REPLUG = "replug"
    """The port's power where it can be switched, else the device is announced to the kernel anew."""
    HOLD = "hold"
    """ConnMan dials no longer by itself: it would do so without a pause where the network refuses."""
    RELEASE = "release"


class Policy(NamedTuple):
    """`patience`: seconds before the first action, `wait` before the second, doubled until `most`."""

    patience: float
    wait: float
    most: float
    actions: tuple[Action, ...]


POLICIES = {
    Condition.NO_OFONO: Policy(30, 60, 3600, (Action.RESTART_OFONO,)),
    Condition.STORAGE: Policy(90, 300, 7200, (Action.REPLUG,)),
    Condition.NO_MODEM: Policy(90, 180, 7200, (Action.RESTART_OFONO, Action.REPLUG)),
    Condition.DENIED: Policy(1800, 3600, 21600, (Action.CELLULAR,)),
    Condition.SEARCHING: Policy(600, 900, 7200, (Action.CELLULAR, Action.REPLUG)),
    Condition.REFUSED: Policy(60, 60, 1800, (Action.CONNECT,)),
    Condition.STUCK: Policy(60, 120, 3600, (Action.RESTART_OFONO, Action.REPLUG)),
    Condition.CONNECTING: Policy(
        90, 90, 3600, (Action.CONNECT, Action.CELLULAR, Action.RESTART_OFONO, Action.REPLUG)
    ),
    # oFono 1.31 does not say that a network that went took the call along; 1.32 does.
    Condition.NO_DEVICE: Policy(
        20, 60, 3600, (Action.RECONNECT, Action.CELLULAR, Action.RESTART_OFONO, Action.REPLUG)
    ),
    Condition.NO_ANSWER: Policy(60, 120, 3600, (Action.RECONNECT, Action.CELLULAR, Action.REPLUG)),
}
LOCAL = frozenset({Condition.NO_OFONO, Condition.STORAGE, Condition.NO_MODEM})
"""Mended on the board, without the network: once it is online again, the next of these is a new one."""
ROUTER_ACTIONS = frozenset({Action.REPLUG})
"""What can be done about a stick that is a router: the rest is its own business."""
REFUSALS = 3
"""Looks in a row that find a refused call before ConnMan is kept from dialling."""
STEADY_S = 300.0
"""Online for so long: the next trouble is a new one, and begins with patience."""
MOST_AN_HOUR = 12
"""Actions, whatever the conditions."""
FAILURES = 2
"""Probes in a row without an answer that count."""
