# SPDX-License-Identifier: MIT
"""The operator's end of a PPP link: LCP, PAP or CHAP-MD5, IPCP with DNS.

Sources: RFC 1661 (LCP), 1334 (PAP), 1994 (CHAP), 1332 and 1877 (IPCP, DNS); the public support thread for how
a Huawei stick ends a call whose APN the network does not accept.

The link is a USB pipe, which loses nothing, so there are no restart timers; an unanswered Configure-Request
of ours is repeated when the guest repeats its own (same identifier), and only then: a second one that arrives
at an open guest makes it start afresh. Nothing is sent before the guest's first frame, because dialling
programs discard what comes in one piece with CONNECT.
"""

from __future__ import annotations

import enum
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from modem_image.bench.stick import hdlc
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.ppp_packets import (
    AUTH_OPTION,
    CHAP,
    IPCP,
    IPV4,
    LCP,
    PAP,
    Auth,
    ChapCode,
    Code,
    ControlPacket,
    IpcpOption,
    LcpOption,
    Option,
    PapCode,
    PppSettings,
    chap_response,
    counted_strings,
    encode_options,
    judge_ipcp,
    judge_lcp,
    parse_options,
)

MRU = 1500
MAGIC = bytes.fromhex("00000547")
CHALLENGE = bytes(range(0x30, 0x40))
"""A fixed challenge keeps runs repeatable; nothing secret is behind this link."""
MAX_CONFIGURE_FAILURES = 5


@dataclass
class _Negotiation:
    """One control protocol: which side has acknowledged the other's options, and our request in flight."""

    protocol: int
    guest_acked: bool = False
    we_acked: bool = False
    request_id: int | None = None
    guest_request_id: int | None = None
    failures: int = 0

    @property
    def opened(self) -> bool:
        return self.guest_acked and self.we_acked

    def close(self) -> None:
        self.guest_acked = self.we_acked = False
        self.request_id = self.guest_request_id = None


class Phase(enum.Enum):
    """Phases of a link (RFC 1661, 3.2)."""

    ESTABLISH = "establish"
    AUTHENTICATE = "authenticate"
    NETWORK = "network"
    TERMINATE = "terminate"
    DEAD = "dead"


class PppPeer:
    """The network's end. `receive` takes octets of the guest and returns octets for it.

    `deliver` takes an IP packet of the guest and returns those that answer it. Once `dead`, the call is over.
    """

    def __init__(
        self, settings: PppSettings, deliver: Callable[[bytes], Iterable[bytes]], emit: Emit
    ) -> None:
        self.phase = Phase.ESTABLISH
        self._settings = settings
        self._deliver = deliver
        self._emit = emit
        self._deframer = hdlc.Deframer()
        self._output = bytearray()
        self._identifier = 0
        self._lcp = _Negotiation(LCP)
        self._ipcp = _Negotiation(IPCP)
        self._ask = {Auth.NONE: None, Auth.ANY: CHAP, Auth.PAP: PAP, Auth.CHAP: CHAP}[settings.auth]
        self._refused_ipcp = 0

    @property
    def dead(self) -> bool:
        return self.phase is Phase.DEAD

    def receive(self, data: bytes) -> bytes:
        for protocol, information in self._deframer.feed(data):
            if self.dead:
                break
            self._packet(protocol, information)
        output = bytes(self._output)
        self._output.clear()
        return output

    def carrier_lost(self) -> None:
        """The guest dropped DTR, or the bus was reset: the link is gone without a word."""
        if self.phase not in (Phase.TERMINATE, Phase.DEAD):
            self._emit("ppp-closed", reason="the guest hung up")
        self.phase = Phase.DEAD

    def network_ends(self) -> bytes:
        """The network has ended the context: what the stick sends, unless the call is at its end already."""
        if self.phase not in (Phase.TERMINATE, Phase.DEAD):
            self._close("the network ended the call")
        output = bytes(self._output)
        self._output.clear()
        return output

    def _packet(self, protocol: int, information: bytes) -> None:
        if protocol == IPV4:
            if self._ipcp.opened and self.phase is Phase.NETWORK:
                for answer in self._deliver(information):
                    self._send(IPV4, answer)
            return
        if protocol == LCP:
            self._control(self._lcp, information)
        elif not self._lcp.opened:
            return  # other protocols are discarded until the link is established (RFC 1661, 3.4)
        elif protocol in (PAP, CHAP) and self.phase is Phase.AUTHENTICATE and protocol == self._ask:
            self._authenticate(information)
        elif protocol == IPCP:
            if self.phase is Phase.NETWORK:
                self._control(self._ipcp, information)
        elif protocol not in (PAP, CHAP):
            self._reject_protocol(protocol, information)

    # --- LCP and IPCP: the option negotiation automaton ---

    def _control(self, negotiation: _Negotiation, information: bytes) -> None:
        packet = ControlPacket.parse(information)
        if packet is None:
            return
        match packet.code:
            case Code.CONFIGURE_REQUEST:
                self._configure_request(negotiation, packet)
            case Code.CONFIGURE_ACK | Code.CONFIGURE_NAK | Code.CONFIGURE_REJECT:
                self._configure_answer(negotiation, packet)
            case Code.TERMINATE_REQUEST:
                self._send_packet(negotiation.protocol, Code.TERMINATE_ACK, packet.identifier)
                self._terminated(negotiation)
            case Code.TERMINATE_ACK:
                if negotiation is self._lcp and self.phase is Phase.TERMINATE:
                    self.phase = Phase.DEAD
            case Code.CODE_REJECT:
                self._close("code rejected")
            case _:
                self._lcp_only(negotiation, packet, information)

    def _lcp_only(self, negotiation: _Negotiation, packet: ControlPacket, information: bytes) -> None:
        is_lcp = negotiation is self._lcp
        if is_lcp and packet.code == Code.ECHO_REQUEST:
            if self._lcp.opened:
                self._send_packet(LCP, Code.ECHO_REPLY, packet.identifier, MAGIC + packet.data[4:])
        elif is_lcp and packet.code == Code.PROTOCOL_REJECT:
            if packet.data[:2] == IPCP.to_bytes(2, "big"):
                self._close("IPCP rejected")
        elif not is_lcp or packet.code not in (Code.ECHO_REPLY, Code.DISCARD_REQUEST):
            self._send_packet(negotiation.protocol, Code.CODE_REJECT, self._next_id(), information[: MRU - 4])

    def _configure_request(self, negotiation: _Negotiation, packet: ControlPacket) -> None:
        options = parse_options(packet.data)
        if options is None or self.phase is Phase.TERMINATE:
            return
        if negotiation is self._ipcp and not self._settings.accept_apn:
            self._refuse_apn(packet)
            return
        self._restart(negotiation)
        code, answer = judge_lcp(options) if negotiation is self._lcp else judge_ipcp(options, self._settings)
        self._send_packet(negotiation.protocol, code, packet.identifier, encode_options(answer))
        negotiation.we_acked = code is Code.CONFIGURE_ACK
        repeated = packet.identifier == negotiation.guest_request_id
        negotiation.guest_request_id = packet.identifier
        if negotiation.request_id is None or (repeated and not negotiation.guest_acked):
            self._request(negotiation)
        self._maybe_opened(negotiation)

    def _configure_answer(self, negotiation: _Negotiation, packet: ControlPacket) -> None:
        if packet.identifier != negotiation.request_id or negotiation.guest_acked:
            return  # an answer to an older request of ours
        if packet.code == Code.CONFIGURE_ACK:
            negotiation.guest_acked = True
            self._maybe_opened(negotiation)
        else:
            self._refused(negotiation, packet)

    def _restart(self, negotiation: _Negotiation) -> None:
        """A Configure-Request on an open protocol starts it afresh (RFC 1661, 4.3), and all above it."""
        if not negotiation.opened:
            return
        negotiation.close()
        if negotiation is self._lcp:
            self._ipcp.close()
            self.phase = Phase.ESTABLISH

    def _request(self, negotiation: _Negotiation) -> None:
        negotiation.request_id = identifier = self._next_id()
        options = self._lcp_options() if negotiation is self._lcp else self._ipcp_options()
        self._send_packet(negotiation.protocol, Code.CONFIGURE_REQUEST, identifier, encode_options(options))

    def _lcp_options(self) -> list[Option]:
        options = [
            Option(LcpOption.MRU, MRU.to_bytes(2, "big")),
            Option(LcpOption.ACCM, bytes(4)),
            Option(LcpOption.MAGIC, MAGIC),
        ]
        if self._ask is not None:
            options.append(Option(LcpOption.AUTHENTICATION, AUTH_OPTION[self._ask]))
        return options

    def _ipcp_options(self) -> list[Option]:
        return [Option(IpcpOption.ADDRESS, self._settings.local.packed)]

    def _refused(self, negotiation: _Negotiation, packet: ControlPacket) -> None:
        """The guest wants other options than ours: only authentication is open to discussion."""
        options = parse_options(packet.data)
        if options is None:
            return
        negotiation.failures += 1
        if negotiation.failures > MAX_CONFIGURE_FAILURES:
            self._close("no agreement on options")
            return
        wish = next((o for o in options if o.type == LcpOption.AUTHENTICATION), None)
        if negotiation is self._lcp and wish is not None and not self._other_auth(packet.code, wish):
            self._emit("ppp-auth-failed", reason="the guest refuses the authentication protocol")
            self._close("authentication refused")
            return
        self._request(negotiation)

    def _other_auth(self, code: int, wish: Option) -> bool:
        """Whether the network can do with what the guest wants instead."""
        if self._settings.auth is not Auth.ANY:
            return False
        proposed = int.from_bytes(wish.value[:2], "big")
        self._ask = proposed if code == Code.CONFIGURE_NAK and proposed in AUTH_OPTION else None
        return True

    def _maybe_opened(self, negotiation: _Negotiation) -> None:
        if not negotiation.opened:
            return
        if negotiation is self._ipcp:
            self._emit("ppp-up", address=str(self._settings.guest))
            return
        self._emit("ppp-lcp-up")
        self.phase = Phase.NETWORK if self._ask is None else Phase.AUTHENTICATE
        if self._ask == CHAP:
            value = bytes((len(CHALLENGE),)) + CHALLENGE + b"network"
            self._send_packet(CHAP, ChapCode.CHALLENGE, self._next_id(), value)

    def _refuse_apn(self, packet: ControlPacket) -> None:
        """As in the public thread: an empty Configure-Nak first, the end of the link at the second try."""
        self._refused_ipcp += 1
        if self._refused_ipcp == 1:
            self._send_packet(IPCP, Code.CONFIGURE_NAK, packet.identifier)
        else:
            self._close("APN not accepted")

    # --- Authentication ---

    def _authenticate(self, information: bytes) -> None:
        packet = ControlPacket.parse(information)
        if packet is None:
            return
        if self._ask == PAP:
            self._pap(packet)
        elif packet.code == ChapCode.RESPONSE:
            self._chap(packet)

    def _pap(self, packet: ControlPacket) -> None:
        if packet.code != PapCode.REQUEST:
            return
        fields = tuple(counted_strings(packet.data))
        if len(fields) < 2:
            return
        wanted = (self._settings.username.encode(), self._settings.password.encode())
        accepted = self._settings.auth is Auth.ANY or fields[:2] == wanted
        self._send_packet(PAP, PapCode.ACK if accepted else PapCode.NAK, packet.identifier, b"\0")
        self._authenticated(accepted)

    def _chap(self, packet: ControlPacket) -> None:
        size = packet.data[0] if packet.data else 0
        response, name = packet.data[1 : 1 + size], packet.data[1 + size :]
        secret = self._settings.password.encode()
        expected = chap_response(packet.identifier, secret, CHALLENGE)
        accepted = self._settings.auth is Auth.ANY or (
            hmac.compare_digest(response, expected) and name == self._settings.username.encode()
        )
        self._send_packet(CHAP, ChapCode.SUCCESS if accepted else ChapCode.FAILURE, packet.identifier)
        self._authenticated(accepted)

    def _authenticated(self, accepted: bool) -> None:
        if accepted:
            self.phase = Phase.NETWORK
            return
        self._emit("ppp-auth-failed", reason="wrong user name or password")
        self._close("authentication failed")

    # --- The end ---

    def _terminated(self, negotiation: _Negotiation) -> None:
        negotiation.close()
        if negotiation is self._lcp:
            if self.phase is not Phase.TERMINATE:
                self._emit("ppp-closed", reason="the guest ended the link")
            self.phase = Phase.DEAD

    def _close(self, reason: str) -> None:
        """End the link from this side; the call is over when the guest acknowledges."""
        self._emit("ppp-closed", reason=reason)
        self._ipcp.close()
        self.phase = Phase.TERMINATE
        self._send_packet(LCP, Code.TERMINATE_REQUEST, self._next_id())

    # --- Output ---

    def _reject_protocol(self, protocol: int, information: bytes) -> None:
        rejected = protocol.to_bytes(2, "big") + information
        self._send_packet(LCP, Code.PROTOCOL_REJECT, self._next_id(), rejected[: MRU - 4])

    def _next_id(self) -> int:
        self._identifier = self._identifier % 255 + 1
        return self._identifier

    def _send_packet(self, protocol: int, code: int, identifier: int, data: bytes = b"") -> None:
        self._send(protocol, ControlPacket(code, identifier, data).encode())

    def _send(self, protocol: int, information: bytes) -> None:
        self._output += hdlc.encode(protocol, information)
