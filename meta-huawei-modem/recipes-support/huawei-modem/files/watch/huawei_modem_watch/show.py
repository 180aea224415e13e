# SPDX-License-Identifier: MIT
"""What is shown of it: fields of a journal entry, JSON, and metrics in Prometheus's text format. Pure.

No identity is in `Seen`; the operator's name is the network's own.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

from huawei_modem.text import printable
from huawei_modem_watch.machine import Event, Seen, State
from huawei_modem_watch.policy import Condition

IDENTIFIER = "huawei-modem-watch"
_WARNING, _NOTICE = 4, 5
_PREFIX = "huawei_modem"
_FIELD = f"{_PREFIX.upper()}_"


def values(state: State) -> dict[str, object]:
    """What programs read: docs/watch.md has the keys."""
    seen, counters = state.last or Seen(0.0), state.counters
    condition = state.condition.value if state.condition else "unknown"
    return {
        "condition": condition,
        "seconds": round(seen.now - state.since),
        "online": state.condition is Condition.ONLINE,
        "technology": seen.technology,
        "operator": printable(seen.operator),
        "signal": seen.signal,
        "received": counters.received,
        "sent": counters.sent,
        "losses": counters.losses,
        "reconnects": counters.reconnects,
        "refusals": counters.refusals,
        "cable_losses": counters.cable_losses,
        "cable_without_internet": state.cable_dead,
        "online_seconds": round(counters.online_seconds),
        "offline_seconds": round(counters.offline_seconds),
        "held": state.held,
        "actions": dict(counters.actions),
    }


def to_json(state: State) -> str:
    return json.dumps(values(state)) + "\n"


def journal(event: Event, state: State) -> bytes:
    """An entry for journald's socket (systemd, JOURNAL_NATIVE_PROTOCOL), with every value as a field."""
    fields: dict[str, object] = {
        "MESSAGE": event.text,
        "PRIORITY": _WARNING if event.urgent else _NOTICE,
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        f"{_FIELD}EVENT": event.name,
    }
    for name, value in values(state).items():
        if isinstance(value, dict):
            value = " ".join(f"{key}={number}" for key, number in value.items())
        if value is not None:
            fields[f"{_FIELD}{name.upper()}"] = int(value) if isinstance(value, bool) else value
    return b"".join(_field(name, str(value)) for name, value in fields.items())


def _field(name: str, value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    if b"\n" in data:
        return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
    return name.encode() + b"=" + data + b"\n"


def metrics(state: State) -> str:
    """For node_exporter's textfile collector."""
    return "".join(f"{line}\n" for line in _metrics(state))


def _metrics(state: State) -> Iterator[str]:
    found = values(state)
    yield from _metric("online", "gauge", "Whether data goes through the modem.", int(bool(found["online"])))
    yield from _labelled("condition", "What the connection is like.", {"condition": str(found["condition"])})
    network = {"technology": str(found["technology"]), "operator": str(found["operator"])}
    yield from _labelled("network", "The network that it is registered with.", network)
    if found["signal"] is not None:
        yield from _metric("signal_percent", "gauge", "Signal strength.", found["signal"])
    dead = int(bool(found["cable_without_internet"]))
    yield from _metric("cable_without_internet", "gauge", "A cable is used and the Internet is gone.", dead)
    for name, what in _COUNTERS.items():
        key = {"received_bytes": "received", "sent_bytes": "sent"}.get(name, name)
        yield from _metric(f"{name}_total", "counter", what, found[key])
    yield from _head("actions_total", "counter", "What the watch did.")
    for action, number in state.counters.actions:
        yield f'{_PREFIX}_actions_total{{action="{action}"}} {number}'


_COUNTERS = {
    "received_bytes": "Octets from the network.",
    "sent_bytes": "Octets to the network.",
    "losses": "Times that the connection was lost.",
    "reconnects": "Times that it came back.",
    "refusals": "Times that ConnMan was kept from dialling a network that refused.",
    "cable_losses": "Times that a cable was used and the Internet was gone.",
    "online_seconds": "Seconds online.",
    "offline_seconds": "Seconds not online.",
}


def _metric(name: str, kind: str, what: str, value: object) -> Iterator[str]:
    yield from _head(name, kind, what)
    yield f"{_PREFIX}_{name} {value}"


def _labelled(name: str, what: str, labels: dict[str, str]) -> Iterator[str]:
    yield from _head(name, "gauge", what)
    inner = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    yield f"{_PREFIX}_{name}{{{inner}}} 1"


def _head(name: str, kind: str, what: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}_{name} {what}"
    yield f"# TYPE {_PREFIX}_{name} {kind}"


def _escaped(value: str) -> str:
    """A label's value (Prometheus, exposition formats)."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
