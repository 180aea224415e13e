# SPDX-License-Identifier: MIT
"""huawei-modem-watch: what is made of what is seen, without a system."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem_watch import program, show
from huawei_modem_watch.machine import Decision, Link, Seen, Settings, State, condition_of, decide
from huawei_modem_watch.policy import MOST_AN_HOUR, POLICIES, REFUSALS, Action, Condition

SETTINGS = Settings(poll=10.0, silent=300.0)
GOOD = Seen(
    0.0,
    stick=True,
    ofono=True,
    connman=True,
    modem=True,
    registration="registered",
    technology="lte",
    operator="Test",
    signal=60,
    service="online",
    link=Link("ppp0", 1000, 500),
)
REFUSING = {"service": "failure", "error": "connect-failed", "link": None}


class Run:
    """A watch without a system: looks every ten seconds, unless it is given others."""

    def __init__(self) -> None:
        self.state = State()
        self.now = 0.0
        self.automatic = True
        """The service's AutoConnect, which holding changes."""
        self.done: list[tuple[float, Action]] = []
        self.events: list[str] = []
        self.probes: list[str] = []

    def look(self, seconds: float = 10.0, **changes: Any) -> Decision:
        self.now += seconds
        seen = GOOD._replace(**{"now": self.now, "automatic": self.automatic, **changes})
        decision = decide(self.state, seen, SETTINGS, 0.5)
        self.state = decision.state
        for action in decision.actions:
            self.automatic = {Action.HOLD: False, Action.RELEASE: True}.get(action, self.automatic)
        self.done += [(self.now, action) for action in decision.actions]
        self.events += [event.name for event in decision.events]
        self.probes += decision.probes
        return decision

    def last(self, seconds: float, **changes: Any) -> None:
        """So long in this state, looked at every ten seconds."""
        for _ in range(int(seconds / 10)):
            self.look(**changes)

    def actions(self) -> list[Action]:
        return [action for _, action in self.done]


@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({}, Condition.ONLINE),
        ({"stick": False}, Condition.NO_STICK),
        ({"connman": False}, Condition.NO_CONNMAN),
        ({"off": True, "service": "idle"}, Condition.OFF),
        ({"automatic": False, "service": "idle"}, Condition.OFF),
        ({"storage": True}, Condition.STORAGE),
        ({"ofono": False}, Condition.NO_OFONO),
        ({"ofono": False, "ofono_wanted": False}, Condition.OFF),
        ({"modem": False}, Condition.NO_MODEM),
        ({"sim": False}, Condition.SIM),
        ({"registration": "denied"}, Condition.DENIED),
        ({"registration": "searching"}, Condition.SEARCHING),
        ({"registration": "roaming"}, Condition.ONLINE),
        ({"service": "idle", "link": None}, Condition.CONNECTING),
        ({"service": "", "link": None}, Condition.CONNECTING),
        ({"service": "ready", "link": None}, Condition.NO_DEVICE),
        ({"service": "failure", "busy": True}, Condition.CONNECTING),
        ({"router": True, "ofono": False, "modem": False}, Condition.ONLINE),
    ],
)
def test_each_state_of_the_system_has_its_condition(changes: dict[str, Any], condition: Condition) -> None:
    assert condition_of(GOOD._replace(**changes)) is condition


def test_what_the_daemons_do_within_their_time_is_left_to_them() -> None:
    run = Run()
    run.last(100)
    run.last(POLICIES[Condition.CONNECTING].patience - 20, service="association", link=None)
    run.last(400)
    assert run.actions() == []
    assert run.events == ["online", "lost", "online"]
    assert (run.state.counters.losses, run.state.counters.reconnects) == (1, 1)


def test_what_they_do_not_is_tried_in_turn_with_twice_the_wait_each_time() -> None:
    run = Run()
    run.last(100)
    run.last(4000, service="idle", link=None)
    policy = POLICIES[Condition.CONNECTING]
    assert run.actions()[:4] == list(policy.actions)
    waits = [b - a for (a, _), (b, _) in zip(run.done, run.done[1:], strict=False)]
    assert [round(wait / policy.wait) for wait in waits[:4]] == [1, 2, 4, 8]


WAITED_FOR: dict[Condition, dict[str, Any]] = {
    Condition.NO_OFONO: {"ofono": False},
    Condition.STORAGE: {"storage": True},
    Condition.NO_MODEM: {"modem": False},
    Condition.DENIED: {"registration": "denied"},
    Condition.SEARCHING: {"registration": "searching"},
    Condition.CONNECTING: {"service": "idle", "link": None},
    Condition.NO_DEVICE: {"link": None},
}


@pytest.mark.parametrize(("before", "then"), list(itertools.permutations(WAITED_FOR, 2)))
def test_the_patience_with_one_condition_is_not_had_with_the_next(before: Condition, then: Condition) -> None:
    """As on the emulated board: a minute without a network, ten minutes' patience with that, and then a
    connection through no network device, which is to be dialled again after twenty seconds.
    """
    run = Run()
    run.last(100)
    run.last(min(60, POLICIES[before].patience - 10), **WAITED_FOR[before])
    began = run.now + 10
    run.last(POLICIES[then].patience + 20, **WAITED_FOR[then])
    assert run.done == [(began + POLICIES[then].patience, POLICIES[then].actions[0])]


def test_a_wait_after_an_action_goes_on_in_another_condition() -> None:
    run = Run()
    run.last(100)
    run.last(POLICIES[Condition.CONNECTING].patience + 10, **WAITED_FOR[Condition.CONNECTING])
    (acted,) = run.done
    run.last(600, **WAITED_FOR[Condition.NO_DEVICE])
    assert run.done[0] == acted
    assert run.done[1][0] - acted[0] >= POLICIES[Condition.CONNECTING].wait


def test_what_is_mended_on_the_board_itself_is_mended_as_soon_the_next_time() -> None:
    """A stick that is pulled in the call again and again, and an oFono 1.31 that hangs each time."""
    run = Run()
    for _ in range(8):
        run.last(60)
        run.last(POLICIES[Condition.NO_OFONO].patience + 20, ofono=False, service="idle", link=None)
    assert run.actions() == [Action.RESTART_OFONO] * 8
    run = Run()
    for _ in range(8):
        run.last(60)
        run.last(POLICIES[Condition.NO_DEVICE].patience + 20, link=None)
    assert len(run.actions()) <= 4, "a network is not dialled in as often"


def test_a_refusing_network_is_asked_less_and_less_and_connman_not_to_dial() -> None:
    run = Run()
    run.last(100)
    run.last(7200, **REFUSING)
    assert run.actions()[0] is Action.HOLD
    assert run.done[0][0] <= 100 + REFUSALS * 10, "within some looks, not after ninety calls"
    connects = [moment for moment, action in run.done if action is Action.CONNECT]
    assert len(connects) <= 8, "in two hours"
    assert set(run.actions()) == {Action.HOLD, Action.CONNECT}
    run.look()
    assert run.actions()[-1] is Action.RELEASE
    assert run.state.counters.refusals == 1 and not run.state.held


def test_a_call_that_hangs_in_ofono_is_no_refusal() -> None:
    """On the emulated board, a network lost and back: oFono 1.31 says InProgress to each call then."""
    run = Run()
    run.last(100)
    run.last(40, **REFUSING)
    assert run.actions() == [Action.HOLD] and run.state.condition is Condition.REFUSED
    run.last(POLICIES[Condition.STUCK].patience + 20, **REFUSING, busy=True)
    assert run.actions() == [Action.HOLD, Action.RELEASE, Action.RESTART_OFONO]
    assert run.automatic and not run.state.held, "it was not the network"
    run.last(600, **REFUSING, busy=True)
    assert run.actions()[3:6] == [Action.HOLD, Action.RELEASE, Action.REPLUG]


def test_connman_that_may_dial_again_and_is_refused_again_is_held_again() -> None:
    """`huawei-modem connect`, or a person, sets AutoConnect on again: with the wrong password once more."""
    run = Run()
    run.last(100)
    run.last(200, **REFUSING)
    run.automatic = True
    before = len(run.done)
    run.last(10 * (REFUSALS - 1), **REFUSING)
    assert Action.HOLD not in run.actions()[before:], "it may be the right one: that is let be"
    run.last(60, **REFUSING)
    assert run.actions()[before:].count(Action.HOLD) == 1
    assert run.state.counters.refusals == 1, "one trouble"


def test_a_single_refusal_is_none() -> None:
    run = Run()
    run.last(100)
    run.look(**REFUSING)
    run.look(service="association", link=None)
    run.last(100)
    assert run.actions() == []


def test_a_hold_of_a_watch_that_was_killed_is_released() -> None:
    run = Run()
    run.state = State(held=True)
    run.look(automatic=False)
    assert run.actions() == [Action.RELEASE]


class ConnMan:
    """With the cellular service alone."""

    def __init__(self) -> None:
        self.service: dict[str, Any] = {"Type": "cellular", "State": "failure", "AutoConnect": False}

    def has_owner(self, service: str, seconds: float = 0) -> bool:
        return service == "net.connman"

    def call(self, *call: str, seconds: float = 30) -> Any:
        assert call[3] == "GetServices"
        return [["/net/connman/service/cellular_test", self.service]]

    def set_property(self, service: str, path: str, interface: str, name: str, value: Any) -> None:
        self.service[name] = value


def test_a_watch_that_ends_releases_and_the_next_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd keeps the file when the unit is restarted: what is believed to be held is not held again."""
    connman = ConnMan()
    monkeypatch.setattr(program, "open_bus", lambda: connman)
    (tmp_path / program.STATE).parent.mkdir(parents=True)
    (tmp_path / program.STATE).write_text(show.to_json(State(held=True)))
    watch = program.Watch(tmp_path, program.Config())
    assert watch.state.held
    watch.stop()
    watch.run()
    assert connman.service["AutoConnect"] is True
    assert not program.Watch(tmp_path, program.Config()).state.held


@pytest.mark.parametrize(
    "changes", [{"off": True, "service": "idle"}, {"sim": False}, {"stick": False}, {"connman": False}]
)
def test_nothing_is_done_where_a_person_is_asked(changes: dict[str, Any]) -> None:
    run = Run()
    run.last(100)
    run.last(20000, **changes)
    assert run.actions() == []


def test_each_condition_begins_with_its_own_first_action() -> None:
    """On the emulated board, after a hung oFono, a modem that it did not list was plugged again at once."""
    run = Run()
    run.last(100)
    gone = {"ofono": False, "modem": False, "service": "", "link": None}
    run.last(50, **gone)
    run.last(600, **{**gone, "ofono": True})
    assert run.actions() == [Action.RESTART_OFONO, Action.RESTART_OFONO, Action.REPLUG]


def test_a_router_is_only_plugged_again() -> None:
    run = Run()
    run.last(20000, router=True, modem=False, ofono=False, service="idle", link=None)
    assert set(run.actions()) == {Action.REPLUG}


def test_a_silent_link_is_asked_and_one_that_does_not_answer_is_connected_again() -> None:
    run = Run()
    run.last(SETTINGS.silent - 20)
    assert run.probes == []
    run.last(40)
    assert run.probes == ["ppp0"]
    run.look(link=Link("ppp0", 1200, 700, answered=True))
    run.last(SETTINGS.silent - 20, link=Link("ppp0", 1200, 700))
    assert run.probes == ["ppp0"], "it answered: silence begins anew"
    run.last(40, link=Link("ppp0", 1200, 700))
    for _ in range(2):
        run.look(link=Link("ppp0", 1200, 900, answered=False))
    assert run.state.condition is Condition.NO_ANSWER
    run.last(100, link=Link("ppp0", 1200, 900))
    assert run.actions() == [Action.RECONNECT]


def test_traffic_is_an_answer_and_nothing_is_asked() -> None:
    run = Run()
    for number in range(200):
        run.look(link=Link("ppp0", 1000 + number, 500))
    assert run.probes == []


def test_a_cable_without_the_internet_is_said_and_the_modem_left_alone() -> None:
    run = Run()
    cable = Link("eth0", 10, 10)
    traffic = iter(range(2000, 9000))
    for _ in range(40):
        run.look(cable=cable, link=Link("ppp0", next(traffic), 500))
    assert "eth0" in run.probes
    for _ in range(2):
        run.look(cable=cable._replace(answered=False), link=Link("ppp0", next(traffic), 500))
    assert run.events[-1] == "cable-without-internet"
    assert run.state.cable_dead and run.state.condition is Condition.ONLINE
    run.look(cable=cable._replace(answered=True), link=Link("ppp0", next(traffic), 500))
    assert (run.events[-1], run.state.cable_dead, run.actions()) == ("cable", False, [])


def test_octets_are_counted_over_devices_that_come_and_go() -> None:
    run = Run()
    run.look(link=Link("ppp0", 100, 10))
    run.look(link=Link("ppp0", 150, 30))
    run.look(service="idle", link=None)
    run.look(link=Link("ppp0", 20, 5))
    assert (run.state.counters.received, run.state.counters.sent) == (70, 25)


WORLDS = st.sampled_from(
    [
        {},
        REFUSING,
        {"service": "idle", "link": None},
        {"registration": "searching"},
        {"modem": False},
        {"ofono": False},
        {"storage": True},
        {"stick": False},
        {"link": None},
        {"link": Link("ppp0", 1000, 500, answered=False)},
        {"router": True, "service": "idle", "link": None},
    ]
)


@given(st.lists(st.tuples(WORLDS, st.integers(1, 200)), min_size=1, max_size=30))
def test_whatever_happens_it_never_storms(life: list[tuple[dict[str, Any], int]]) -> None:
    run = Run()
    for changes, looks in life:
        for _ in range(looks):
            run.look(**changes)
    moments = [moment for moment, action in run.done if action not in (Action.HOLD, Action.RELEASE)]
    for moment in moments:
        assert len([other for other in moments if moment <= other < moment + 3600]) <= MOST_AN_HOUR
    held = [action for action in run.actions() if action in (Action.HOLD, Action.RELEASE)]
    assert held == [(Action.HOLD, Action.RELEASE)[n % 2] for n in range(len(held))]
    assert run.state.held == (bool(held) and held[-1] is Action.HOLD)
