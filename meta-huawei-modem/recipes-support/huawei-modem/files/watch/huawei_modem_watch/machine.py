# SPDX-License-Identifier: MIT
"""What the connection is like, and what to do about it. Pure: from what was seen to a decision.

oFono and ConnMan bring most of it back by themselves, so each condition has its patience first. Then one
action after the other, with twice the wait after each: a network that refuses is never stormed. What a person
has switched off stays off, and a SIM is never touched.
"""

from __future__ import annotations

from typing import NamedTuple

from huawei_modem.text import printable
from huawei_modem_watch.policy import (
    FAILURES,
    LOCAL,
    MOST_AN_HOUR,
    POLICIES,
    REFUSALS,
    ROUTER_ACTIONS,
    STEADY_S,
    Action,
    Condition,
)

_HOUR = 3600.0
_HELD = (Condition.REFUSED, Condition.STUCK)
"""ConnMan would dial on and on."""


class Link(NamedTuple):
    """A network device that carries, or could carry, the board's data."""

    name: str
    received: int
    """Octets, as the kernel counts them since the device came."""
    sent: int
    answered: bool | None = None
    """The last probe; None where there was none since the last look."""


class Seen(NamedTuple):
    """One look at the system. `now`: seconds of a clock that never goes back."""

    now: float
    stick: bool = False
    storage: bool = False
    router: bool = False
    ofono: bool = False
    """It answers."""
    ofono_wanted: bool = True
    """Its unit is not stopped by somebody."""
    connman: bool = False
    off: bool = False
    modem: bool = False
    sim: bool = True
    registration: str = ""
    technology: str = ""
    operator: str = ""
    signal: int | None = None
    """Per cent."""
    service: str = ""
    """ConnMan's state of the modem's service; empty where there is none."""
    error: str = ""
    automatic: bool = True
    """The service's AutoConnect."""
    busy: bool = False
    """oFono has a call under way that ConnMan has given up."""
    link: Link | None = None
    """The modem's own."""
    cable: Link | None = None
    """Of another technology, where ConnMan prefers that at the moment."""


class Settings(NamedTuple):
    """How often is looked, and how long a link may be silent before it is probed; 0: never. Seconds."""

    poll: float = 10.0
    silent: float = 300.0


class Counters(NamedTuple):
    """Since the watch was started."""

    losses: int = 0
    reconnects: int = 0
    refusals: int = 0
    cable_losses: int = 0
    online_seconds: float = 0.0
    offline_seconds: float = 0.0
    received: int = 0
    sent: int = 0
    actions: tuple[tuple[str, int], ...] = ()

    def acted(self, action: Action) -> Counters:
        counted = dict(self.actions)
        counted[action.value] = counted.get(action.value, 0) + 1
        return self._replace(actions=tuple(sorted(counted.items())))


class Silence(NamedTuple):
    """How long a link has brought nothing."""

    name: str = ""
    received: int = 0
    since: float = 0.0
    probed: float = 0.0
    failures: int = 0


class State(NamedTuple):
    """What is remembered from look to look."""

    last: Seen | None = None
    condition: Condition | None = None
    since: float = 0.0
    changed: float = 0.0
    """When it went online or offline last."""
    done: tuple[tuple[str, int], ...] = ()
    """Actions since it was online and steady, by condition: each begins with its first one."""
    next_at: float = 0.0
    """No action before, since one was taken."""
    refused: int = 0
    held: bool = False
    was_online: bool = False
    acted_at: tuple[float, ...] = ()
    link: Silence = Silence()
    cable: Silence = Silence()
    cable_dead: bool = False
    counters: Counters = Counters()


class Event(NamedTuple):
    """Something to say. `name` is for programs, `text` for people; `urgent`: a warning."""

    name: str
    text: str
    urgent: bool = False


class Decision(NamedTuple):
    state: State
    actions: tuple[Action, ...] = ()
    probes: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()


def condition_of(seen: Seen, refused: int = 0, failures: int = 0, held: bool = False) -> Condition:
    """The first thing that stands between the board and its connection."""
    if not seen.stick:
        return Condition.NO_STICK
    if not seen.connman:
        return Condition.NO_CONNMAN
    connected = seen.service in ("ready", "online")
    if not connected and (seen.off or not (seen.automatic or held)):
        return Condition.OFF
    if not seen.router and (found := _below_connman(seen)):
        return found
    if connected:
        if seen.link is None:
            return Condition.NO_DEVICE
        return Condition.NO_ANSWER if failures >= FAILURES else Condition.ONLINE
    if not seen.router and (refused >= REFUSALS or held):
        return Condition.STUCK if seen.busy else Condition.REFUSED
    return Condition.CONNECTING


def _below_connman(seen: Seen) -> Condition | None:
    """What is wrong with a modem before ConnMan comes into it."""
    if seen.storage:
        return Condition.STORAGE
    if not seen.ofono:
        return Condition.NO_OFONO if seen.ofono_wanted else Condition.OFF
    if not seen.modem:
        return Condition.NO_MODEM
    if not seen.sim:
        return Condition.SIM
    if seen.registration == "denied":
        return Condition.DENIED
    return None if seen.registration in ("registered", "roaming") else Condition.SEARCHING


def decide(state: State, seen: Seen, settings: Settings, chance: float) -> Decision:
    """What follows from a look. `chance`, 0 to 1, spreads the waits of a fleet that lost the same network."""
    state = _counted(state, seen)
    link, probe = _silence(state.link, seen.link, seen.now, settings)
    cable, probe_cable = _silence(state.cable, seen.cable, seen.now, settings)
    refused = state.refused + 1 if _is_refused(seen) and not _let_go(state, seen) else 0
    condition = condition_of(seen, refused, link.failures, state.held)
    state = state._replace(link=link, cable=cable, refused=refused)
    state, events = _entered(state, condition, seen)
    state, told = _cable(state, seen)
    state, actions, done = _acted(state, condition, seen, chance)
    probes = tuple(name for name in (probe, probe_cable) if name)
    return Decision(state._replace(last=seen), actions, probes, (*events, *told, *done))


def _is_refused(seen: Seen) -> bool:
    return bool(seen.error) and seen.service not in ("", "ready", "online")


def _let_go(state: State, seen: Seen) -> bool:
    """Somebody has set AutoConnect on again since the last look; perhaps with the right password."""
    return state.held and seen.automatic and state.last is not None and not state.last.automatic


def _counted(state: State, seen: Seen) -> State:
    """Time and octets since the last look go into the counters."""
    last, counters = state.last, state.counters
    if last is None:
        return state._replace(since=seen.now, changed=seen.now)
    passed = max(0.0, seen.now - last.now)
    if state.condition is Condition.ONLINE:
        counters = counters._replace(online_seconds=counters.online_seconds + passed)
    else:
        counters = counters._replace(offline_seconds=counters.offline_seconds + passed)
    if seen.link is not None:
        before = last.link if last.link is not None and last.link.name == seen.link.name else None
        got = [seen.link.received, seen.link.sent]
        if before is not None and got[0] >= before.received and got[1] >= before.sent:
            got = [got[0] - before.received, got[1] - before.sent]
        # Else the device is a new one, which began to count when it came.
        counters = counters._replace(received=counters.received + got[0], sent=counters.sent + got[1])
    return state._replace(counters=counters)


def _silence(before: Silence, link: Link | None, now: float, settings: Settings) -> tuple[Silence, str]:
    """How long the link has been silent now, and its name where it is to be probed."""
    if link is None:
        return Silence(), ""
    if link.name != before.name:
        return Silence(link.name, link.received, now), ""
    if link.answered is False:
        before = before._replace(failures=before.failures + 1, received=link.received)
    elif link.answered or (link.received > before.received and not before.failures):
        return Silence(link.name, link.received, now), ""
    # One that failed is asked again soon; what it brings meanwhile may be its end of the line alone.
    due = settings.silent if not before.failures else min(settings.silent, 3 * settings.poll)
    if not settings.silent or now - max(before.since, before.probed) < due:
        return before, ""
    return before._replace(probed=now), link.name


def _entered(state: State, condition: Condition, seen: Seen) -> tuple[State, list[Event]]:
    """What another condition than before means."""
    events = []
    before = state.condition
    if condition is not before:
        state = state._replace(condition=condition, since=seen.now)
        is_online = condition is Condition.ONLINE
        if is_online != (before is Condition.ONLINE) or before is None:
            events.append(_told(state, before, condition, seen))
            state = _went(state, before, is_online)._replace(changed=seen.now)
        else:
            events.append(Event("condition", f"{condition.value} ({_detail(seen)})"))
    if condition is Condition.ONLINE and seen.now - state.since >= STEADY_S:
        state = state._replace(next_at=0.0, done=())
    return state, events


def _went(state: State, before: Condition | None, is_online: bool) -> State:
    counters = state.counters
    if is_online:
        if state.was_online:
            counters = counters._replace(reconnects=counters.reconnects + 1)
        done = tuple(item for item in state.done if Condition(item[0]) not in LOCAL)
        next_at = state.next_at if done else 0.0
        return state._replace(counters=counters, was_online=True, done=done, next_at=next_at)
    if before is Condition.ONLINE:
        counters = counters._replace(losses=counters.losses + 1)
    return state._replace(counters=counters)


def _told(state: State, before: Condition | None, condition: Condition, seen: Seen) -> Event:
    if condition is Condition.ONLINE:
        return Event("online", f"online after {seen.now - state.changed:.0f} s ({_detail(seen)})")
    if before is None:
        return Event("condition", f"{condition.value} ({_detail(seen)})")
    text = f"lost after {seen.now - state.changed:.0f} s: {condition.value} ({_detail(seen)})"
    return Event("lost", text, urgent=condition not in (Condition.OFF, Condition.NO_STICK))


def _detail(seen: Seen) -> str:
    """What a person wants to know next to the condition."""
    words = [
        seen.link.name if seen.link else "",
        seen.registration,
        seen.operator,
        seen.technology,
        "" if seen.signal is None else f"{seen.signal} %",
        seen.service,
        seen.error,
    ]
    return ", ".join(map(printable, filter(None, words))) or "nothing more is known"


def _cable(state: State, seen: Seen) -> tuple[State, list[Event]]:
    """The cable is in and ConnMan uses it, and the Internet does not answer over it: or does again."""
    dead = seen.cable is not None and state.cable.failures >= FAILURES
    if dead == state.cable_dead:
        return state, []
    if dead and seen.cable is not None:
        counters = state.counters._replace(cable_losses=state.counters.cable_losses + 1)
        text = f"{seen.cable.name} is connected, and the Internet does not answer over it"
        return state._replace(cable_dead=True, counters=counters), [
            Event("cable-without-internet", text, True)
        ]
    text = "the Internet answers over the cable again" if seen.cable else "the cable is not in use any more"
    return state._replace(cable_dead=False), [Event("cable", text)]


def _acted(
    state: State, condition: Condition, seen: Seen, chance: float
) -> tuple[State, tuple[Action, ...], list[Event]]:
    """The action that is due, if one is."""
    if condition is Condition.ONLINE and state.held:
        text = "connected: ConnMan may dial by itself again"
        return state._replace(held=False), (Action.RELEASE,), [Event("release", text)]
    if condition in _HELD and (not state.held or (seen.automatic and state.refused >= REFUSALS)):
        text = f"refused ({seen.error}): ConnMan does not dial by itself until it is connected again"
        counters = state.counters._replace(refusals=state.counters.refusals + (not state.held))
        return state._replace(held=True, counters=counters), (Action.HOLD,), [Event("hold", text, True)]
    policy = POLICIES.get(condition)
    actions = [one for one in policy.actions if not seen.router or one in ROUTER_ACTIONS] if policy else []
    recent = tuple(moment for moment in state.acted_at if moment > seen.now - _HOUR)
    if not policy or not actions or len(recent) >= MOST_AN_HOUR:
        return state._replace(acted_at=recent), (), []
    # The wait after an action goes on whatever the condition: a connection that comes and goes is no reason
    # for haste. Patience is each condition's own: ten minutes for a network do not delay the next call.
    if seen.now < max(state.next_at, state.since + policy.patience):
        return state._replace(acted_at=recent), (), []
    done = dict(state.done)
    count = done.get(condition.value, 0)
    action = actions[count % len(actions)]
    wait = min(policy.wait * 2.0 ** min(sum(done.values()), 20), policy.most) * (0.8 + 0.4 * chance)
    text = f"{condition.value} for {seen.now - state.since:.0f} s: {action.value}; the next in {wait:.0f} s"
    # It was not the network that refused: once oFono is free, ConnMan (held by now) may dial at once.
    freed = (Action.RELEASE,) if condition is Condition.STUCK else ()
    if freed:
        state = state._replace(held=False, refused=0)
    state = state._replace(
        done=tuple(sorted({**done, condition.value: count + 1}.items())),
        next_at=seen.now + wait,
        acted_at=(*recent, seen.now),
        counters=state.counters.acted(action),
    )
    return state, (*freed, action), [Event("action", text, urgent=True)]
