# SPDX-License-Identifier: MIT
"""The modem behind the AT ports: radio, SIM, registration, packet data contexts.

Commands with state are methods here; all others are rows of the stick's reply tables.
Source: 3GPP TS 27.007 (7.2 +CREG, 7.3 +COPS, 8.2 +CFUN, 8.3 +CPIN, 10.1 contexts, 10.2.1.1 dial string).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from modem_image.bench.stick.air import Air
from modem_image.bench.stick.at import (
    ERROR,
    NO_CARRIER,
    OK,
    Call,
    CmeError,
    Extended,
    Form,
    Reply,
    Row,
    failure,
    look_up,
    parse_extended,
)
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.sim import PUK_TRIES, Profile, Sim, SimState

MODEM_PORT = "modem"
"""The only port that takes a dial command."""
NEWS_PORT = "pcui"
"""The only port that says what changes by itself."""

FULL_FUNCTIONALITY = 1
_FUNCTIONALITIES = (0, 1, 4, 5, 6, 7)
_MAX_CID = 16
_DIAL = re.compile(r"D[TP]?\*99(?:\*[^*#]*(?:\*[^*#]*(?:\*(?P<cid>\d{0,2}))?)?)?#", re.IGNORECASE)


class Registration(enum.Enum):
    """What the network grants; the values are those of StickSettings."""

    HOME = "home"
    SEARCHING = "searching"
    DENIED = "denied"


class NdisDup(enum.Enum):
    """What AT^NDISDUP does; the values are those of StickSettings."""

    WORKS = "works"
    REFUSED = "refused"


_STATUS = {Registration.HOME: 1, Registration.SEARCHING: 2, Registration.DENIED: 3}
"""<stat> of +CREG."""

_SIM_CODE = {SimState.READY: "READY", SimState.PIN: "SIM PIN", SimState.PUK: "SIM PUK"}
_SYSINFO_SIM = {SimState.READY: 1, SimState.PIN: 0, SimState.PUK: 0, SimState.ABSENT: 255}
"""<sim_state> of ^SYSINFO, as oFono's plugins/huawei.c reads it."""


@dataclass(frozen=True)
class ModemProfile:
    """What the modem says of itself and of its network, and its reply tables."""

    manufacturer: str
    model: str
    revision: str
    imei: str
    sim: Profile
    plmn: str
    operator: str
    operator_short: str
    location_area: str
    cell: str
    access_technology: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Context:
    """A packet data context (+CGDCONT)."""

    type: str
    apn: str


_Handler = Callable[[Extended], Reply]


class Modem:
    """The state that all AT ports share."""

    def __init__(
        self,
        profile: ModemProfile,
        *,
        sim: SimState,
        pin: str,
        registration: Registration,
        emit: Emit,
        ndisdup: NdisDup = NdisDup.WORKS,
        lease: str | None = None,
        air: Air | None = None,
    ) -> None:
        """`lease` is what ^DHCP tells of the network port's call; None: that command is not known."""
        self._profile = profile
        self._sim = Sim(profile.sim, sim, pin)
        self._registration = _STATUS[registration]
        self._emit = emit
        self._ndisdup_works = ndisdup is NdisDup.WORKS
        self._lease = lease
        self._air = air or Air()
        self._seen = (self._air.covered, self._air.drops)
        self._functionality = FULL_FUNCTIONALITY
        self._operator_format = 0
        self._deregistered = False
        self._report = {"+CREG": 0, "+CGREG": 0, "+CEREG": 0}
        self._contexts: dict[int, Context] = {}
        self._network_port_call: Call | None = None
        self._periodic_reports = True
        self._handlers: dict[str, _Handler] = {
            "+CFUN": self._cfun,
            "+CPIN": self._cpin,
            "+CIMI": self._cimi,
            "+CRSM": self._crsm,
            "+CREG": self._creg,
            "+CGREG": self._creg,
            "+CEREG": self._creg,
            "+COPS": self._cops,
            "+CGDCONT": self._cgdcont,
            "^NDISDUP": self._ndisdup,
            "^DHCP": self._dhcp,
            "^CURC": self._curc,
        }

    # --- State ---

    @property
    def registered(self) -> bool:
        return self._registration_status == _STATUS[Registration.HOME]

    @property
    def network_port_call(self) -> Call | None:
        """The call that ^NDISDUP brought up on the network port."""
        return self._network_port_call

    @property
    def periodic_reports(self) -> bool:
        """Whether ports may report by themselves every so often (^CURC)."""
        return self._periodic_reports

    @property
    def _registration_status(self) -> int:
        if self._functionality != FULL_FUNCTIONALITY or not self._sim.usable or self._deregistered:
            return 0
        return self._registration if self._air.covered else _STATUS[Registration.SEARCHING]

    def calls_end(self, drops: int) -> bool:
        """Whether the network has ended a call that was dialled when it had ended `drops` of them."""
        return not self.registered or self._air.drops != drops

    @property
    def drops(self) -> int:
        return self._air.drops

    def news(self, port: str) -> tuple[str, ...]:
        """What this port has to say by itself since it was asked last."""
        now = (self._air.covered, self._air.drops)
        if port != NEWS_PORT or now == self._seen:
            return ()
        moved, self._seen = now[0] != self._seen[0], now
        lines = [f"{name}: {self._status(mode)}" for name, mode in self._report.items() if mode and moved]
        if self._network_port_call is not None and (not now[0] or not moved):
            self._network_port_call = None
            lines.append('^NDISSTAT:0,,,"IPV4"')
        return tuple(lines)

    def fields(self) -> dict[str, str]:
        """What the lines of reply tables may name in braces."""
        profile, sim = self._profile, self._sim
        return {
            "manufacturer": profile.manufacturer,
            "model": profile.model,
            "revision": profile.revision,
            "imei": profile.imei,
            "imsi": profile.sim.imsi,
            "iccid": profile.sim.iccid,
            "plmn": profile.plmn,
            "operator": profile.operator,
            "operator_short": profile.operator_short,
            "access_technology": str(profile.access_technology),
            "attached": "1" if self.registered else "0",
            "service": "2" if self.registered else "0",
            "domain": "3" if self.registered else "0",
            "sim_state": str(_SYSINFO_SIM[sim.state]),
            "sim_code": _SIM_CODE.get(sim.state, "SIM ABSENT"),
            "pin_tries": str(sim.pin_tries),
            "puk_tries": str(PUK_TRIES),
            "rssi": str(self._air.signal if self._air.covered else 99),
            "ndis": "1" if self._network_port_call else "0",
        }

    # --- Commands ---

    def execute(self, port: str, command: str) -> Reply:
        """Run one command, given without its AT. Never raises: what is unknown answers ERROR."""
        if command[:1] in ("D", "d"):
            return self._dial(port, command)
        parsed = parse_extended(command)
        if parsed is not None and parsed.form is not Form.TEST and parsed.name in self._handlers:
            return self._handlers[parsed.name](parsed)
        row = look_up(self._profile.rows, command)
        if row is None:
            return ERROR
        if row.needs_sim and not self._sim.usable:
            return self._sim_failure()
        return row.reply(self.fields())

    def _sim_failure(self) -> Reply:
        return failure(
            {
                SimState.ABSENT: CmeError.SIM_NOT_INSERTED,
                SimState.PIN: CmeError.SIM_PIN_REQUIRED,
                SimState.PUK: CmeError.SIM_PUK_REQUIRED,
            }.get(self._sim.state, CmeError.OPERATION_NOT_ALLOWED)
        )

    def _dial(self, port: str, command: str) -> Reply:
        match = _DIAL.fullmatch(command)
        if match is None or port != MODEM_PORT:
            return NO_CARRIER if port == MODEM_PORT else ERROR
        if not self.registered:
            return NO_CARRIER
        call = self._call(int(match["cid"] or 1))
        self._emit("dialled", port=port, cid=call.cid, apn=call.apn)
        return Reply(final="CONNECT 150000000", call=call)

    def _call(self, cid: int) -> Call:
        context = self._contexts.get(cid)
        return Call(cid, context.apn if context else "")

    def _ndisdup(self, command: Extended) -> Reply:
        """^NDISDUP=<cid>,<1|0>[,<apn>…]: the call of the network port (Huawei's own)."""
        if not self._ndisdup_works:
            return ERROR
        cid, action = command.number(0), command.number(1)
        if command.form is not Form.SET or not 1 <= cid <= _MAX_CID or action not in (0, 1):
            return failure(CmeError.INCORRECT_PARAMETERS)
        if action == 0:
            self._network_port_call = None
            return Reply(unsolicited=('^NDISSTAT:0,,,"IPV4"',))
        if not self.registered:
            return failure(CmeError.NO_NETWORK_SERVICE)
        call = self._call(cid)
        self._network_port_call = Call(cid, command.text(2) or call.apn)
        self._emit("dialled", port="ncm", cid=cid, apn=self._network_port_call.apn)
        return Reply(unsolicited=('^NDISSTAT:1,,,"IPV4"',))

    def _dhcp(self, command: Extended) -> Reply:
        """^DHCP?: the addresses of the network port's call (Huawei's own)."""
        if command.form is not Form.READ or self._lease is None:
            return ERROR
        if self._network_port_call is None:
            return failure(CmeError.OPERATION_NOT_ALLOWED)
        self._emit("address-told")
        return Reply((f"^DHCP: {self._lease}",))

    def _curc(self, command: Extended) -> Reply:
        if command.form is Form.READ:
            return Reply((f"^CURC:{int(self._periodic_reports)}",))
        if command.form is not Form.SET or command.number(0) not in (0, 1):
            return failure(CmeError.INCORRECT_PARAMETERS)
        self._periodic_reports = command.number(0) == 1
        return OK

    def _cfun(self, command: Extended) -> Reply:
        if command.form is Form.READ:
            return Reply((f"+CFUN: {self._functionality}",))
        value = command.number(0)
        if command.form is not Form.SET or value not in _FUNCTIONALITIES:
            return failure(CmeError.INCORRECT_PARAMETERS)
        before = self._registration_status
        self._functionality = value
        self._emit("functionality", value=value)
        return Reply(unsolicited=self._registration_change(before))

    def _registration_change(self, before: int) -> tuple[str, ...]:
        if self._registration_status == before:
            return ()
        return tuple(f"{name}: {self._status(mode)}" for name, mode in self._report.items() if mode)

    def _cpin(self, command: Extended) -> Reply:
        state = self._sim.state
        if state is SimState.ABSENT:
            return failure(CmeError.SIM_NOT_INSERTED)
        if command.form is Form.READ:
            return Reply((f"+CPIN: {_SIM_CODE[state]}",))
        if command.form is not Form.SET:
            return ERROR
        if state is not SimState.PIN:
            return failure(CmeError.OPERATION_NOT_ALLOWED)
        before = self._registration_status
        if not self._sim.enter_pin(command.text(0)):
            return failure(CmeError.INCORRECT_PASSWORD)
        return Reply(unsolicited=("^SIMST:1", *self._registration_change(before)))

    def _cimi(self, command: Extended) -> Reply:
        if command.form is not Form.EXECUTE:
            return ERROR
        if not self._sim.usable:
            return self._sim_failure()
        self._emit("sim-read")
        return Reply((self._profile.sim.imsi,))

    def _crsm(self, command: Extended) -> Reply:
        if self._sim.state is SimState.ABSENT:
            return self._sim_failure()
        operation, file_id = command.number(0), command.number(1)
        offset_high, offset_low, length = (command.number(i, 0) for i in (2, 3, 4))
        if min(operation, file_id, offset_high, offset_low, length) < 0:
            return failure(CmeError.INCORRECT_PARAMETERS)
        sw1, sw2, data = self._sim.restricted_access(
            operation, file_id, offset_high << 8 | offset_low, length
        )
        answer = f',"{data.hex().upper()}"' if data else ""
        return Reply((f"+CRSM: {sw1},{sw2}{answer}",))

    def _creg(self, command: Extended) -> Reply:
        name = command.name
        if command.form is Form.SET:
            if command.number(0) not in (0, 1, 2):
                return failure(CmeError.INCORRECT_PARAMETERS)
            self._report[name] = command.number(0)
            return OK
        if command.form is not Form.READ:
            return ERROR
        if self.registered:
            self._emit("registration-read", command=name, status=self._registration_status)
        mode = self._report[name]
        return Reply((f"{name}: {mode},{self._status(mode)}",))

    def _status(self, mode: int) -> str:
        """<stat> and, in mode 2 while registered, <lac>,<ci>,<AcT>."""
        status, profile = self._registration_status, self._profile
        if mode < 2 or not self.registered:
            return str(status)
        return f'{status},"{profile.location_area}","{profile.cell}",{profile.access_technology}'

    def _cops(self, command: Extended) -> Reply:
        if command.form is Form.READ:
            return Reply((self._operator(),))
        if command.form is not Form.SET:
            return ERROR
        match command.number(0):
            case 3 if command.number(1) in (0, 1, 2):
                self._operator_format = command.number(1)
            case 0:
                self._deregistered = False
            case 1 if command.text(2) in (self._profile.plmn, self._profile.operator):
                self._deregistered = False
            case 2:
                self._deregistered = True
            case _:
                return failure(CmeError.NO_NETWORK_SERVICE)
        return OK

    def _operator(self) -> str:
        profile = self._profile
        if not self.registered:
            return "+COPS: 0"
        name = (profile.operator, profile.operator_short, profile.plmn)[self._operator_format]
        return f'+COPS: 0,{self._operator_format},"{name}",{profile.access_technology}'

    def _cgdcont(self, command: Extended) -> Reply:
        if command.form is Form.READ:
            return Reply(_context_lines(sorted(self._contexts.items())))
        cid = command.number(0)
        if command.form is not Form.SET or not 1 <= cid <= _MAX_CID:
            return failure(CmeError.INCORRECT_PARAMETERS)
        if len(command.arguments) == 1:
            self._contexts.pop(cid, None)
            return OK
        context = Context(command.text(1) or "IP", command.text(2))
        self._contexts[cid] = context
        self._emit("context-defined", cid=cid, apn=context.apn)
        return OK


def _context_lines(contexts: Sequence[tuple[int, Context]]) -> tuple[str, ...]:
    return tuple(
        f'+CGDCONT: {cid},"{context.type}","{context.apn}","0.0.0.0",0,0' for cid, context in contexts
    )
