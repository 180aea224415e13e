# SPDX-License-Identifier: MIT
"""HDLC framing and the operator's end of PPP; vectors from RFC 1662 and from the public support thread."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem_image.bench.stick import hdlc
from modem_image.bench.stick.ppp import CHALLENGE, Phase, PppPeer
from modem_image.bench.stick.ppp_packets import (
    CHAP,
    IPCP,
    IPV4,
    LCP,
    PAP,
    Auth,
    Code,
    ControlPacket,
    PppSettings,
    chap_response,
    parse_options,
)
from unit.stick.tools import GATEWAY, GUEST, PppGuest, Recorder

SECOND_DNS = GATEWAY + 2
SETTINGS = PppSettings(local=GATEWAY, guest=GUEST, dns=(GATEWAY, SECOND_DNS))
STRICT = replace(SETTINGS, username="user", password="secret")  # noqa: S106 - of a test

# What pppd sent in the thread: LCP with asyncmap 0xa0000, magic, pcomp, accomp.
THREAD_LCP = bytes.fromhex("0206000a0000 05061d415972 0702 0802")
# compress VJ, addr 0.0.0.0, ms-dns1, ms-dns2
THREAD_IPCP = bytes.fromhex("0206002d0f01 030600000000 810600000000 830600000000")


class Call:
    """A guest, the network's end, and what was seen."""

    def __init__(self, settings: PppSettings = SETTINGS) -> None:
        self.events = Recorder()
        self.delivered: list[bytes] = []
        self.peer = PppPeer(settings, self.deliver, self.events)
        self.guest = PppGuest(self.peer)

    def deliver(self, packet: bytes) -> list[bytes]:
        self.delivered.append(packet)
        return [b"answer"]


def codes(answers: list[tuple[int, ControlPacket]]) -> list[tuple[int, int]]:
    return [(protocol, packet.code) for protocol, packet in answers]


# --- Framing ---


def test_check_sequence() -> None:
    # The usual check value of this CRC ("123456789", X.25) is 906e after the complement.
    assert hdlc.fcs16(b"123456789") ^ 0xFFFF == 0x906E


def test_frame_of_a_configure_request() -> None:
    # LCP Configure-Request 1 with an empty list, escaped as RFC 1662, 4.2 wants.
    frame = hdlc.encode(LCP, bytes.fromhex("01010004"))
    assert frame.startswith(bytes.fromhex("7eff7d23c0217d217d217d207d24"))
    assert frame.endswith(b"\x7e")
    assert list(hdlc.Deframer().feed(frame)) == [(LCP, bytes.fromhex("01010004"))]


def test_compressed_fields_are_understood() -> None:
    body = bytes((IPV4,)) + b"data"
    body += (hdlc.fcs16(body) ^ 0xFFFF).to_bytes(2, "little")
    escaped = b"".join(
        bytes((0x7D, o ^ 0x20)) if o in (0x7D, 0x7E) or o < 0x20 else bytes((o,)) for o in body
    )
    assert list(hdlc.Deframer().feed(b"\x7e" + escaped + b"\x7e")) == [(IPV4, b"data")]


def test_damaged_aborted_and_endless_frames_are_dropped() -> None:
    good = hdlc.encode(IPV4, b"good")
    damaged = good[:8] + bytes((good[8] ^ 1,)) + good[9:]
    aborted = good[:-1] + b"\x7d\x7e"
    endless = b"\x7e" + b"x" * (hdlc.MAX_FRAME + 1) + b"\x7e"
    deframer = hdlc.Deframer()
    assert list(deframer.feed(damaged + aborted + endless + b"AT\r" + good)) == [(IPV4, b"good")]


@given(
    st.integers(0, 0xFF).map(lambda n: 0x0021 + (n << 8) & 0xFEFF),
    st.binary(max_size=200),
    st.integers(1, 50),
)
def test_frames_survive_any_cut(protocol: int, information: bytes, step: int) -> None:
    wire = hdlc.encode(protocol, information)
    deframer = hdlc.Deframer()
    pieces = [wire[i : i + step] for i in range(0, len(wire), step)]
    assert [frame for piece in pieces for frame in deframer.feed(piece)] == [(protocol, information)]


# --- LCP ---


def test_nothing_is_sent_before_the_guest() -> None:
    assert Call().peer.receive(b"") == b""


def test_compression_is_rejected_and_the_rest_taken() -> None:
    call = Call()
    (_, reject), (_, request) = call.guest.send(LCP, Code.CONFIGURE_REQUEST, 3, THREAD_LCP)
    assert (reject.code, reject.identifier, reject.data.hex()) == (Code.CONFIGURE_REJECT, 3, "07020802")
    assert request.code == Code.CONFIGURE_REQUEST
    options = parse_options(request.data) or ()
    assert [(o.type, o.value.hex()) for o in options] == [(1, "05dc"), (2, "00000000"), (5, "00000547")]
    (answer,) = call.guest.send(LCP, Code.CONFIGURE_REQUEST, 4, THREAD_LCP[:-4])
    assert answer[1] == ControlPacket(Code.CONFIGURE_ACK, 4, THREAD_LCP[:-4])
    call.guest.send(LCP, Code.CONFIGURE_ACK, request.identifier, request.data)
    assert call.events.names == ["ppp-lcp-up"]


def test_our_request_is_repeated_only_with_the_guests() -> None:
    """A second request that meets an open guest makes it start afresh, and oFono 1.31 aborts then."""
    call = Call()
    assert codes(call.guest.send(LCP, 1, 1)) == [(LCP, Code.CONFIGURE_ACK), (LCP, Code.CONFIGURE_REQUEST)]
    assert codes(call.guest.send(LCP, 1, 2)) == [(LCP, Code.CONFIGURE_ACK)], "a new request, not a repetition"
    assert codes(call.guest.send(LCP, 1, 2)) == [(LCP, Code.CONFIGURE_ACK), (LCP, Code.CONFIGURE_REQUEST)]


def test_echo_and_unknown_codes() -> None:
    call = Call()
    call.guest.open_lcp()
    (reply,) = call.guest.send(LCP, Code.ECHO_REQUEST, 9, bytes.fromhex("1d415972") + b"ping")
    assert reply[1] == ControlPacket(Code.ECHO_REPLY, 9, bytes.fromhex("00000547") + b"ping")
    assert codes(call.guest.send(LCP, 42, 1)) == [(LCP, Code.CODE_REJECT)]
    assert call.guest.send(LCP, Code.DISCARD_REQUEST, 1, bytes(4)) == []


def test_unknown_protocols_are_rejected() -> None:
    call = Call()
    call.guest.open_lcp()
    # CCP Configure-Request, as in the thread.
    information = bytes.fromhex("0103000c1a04780018047800")
    (answer,) = call.guest.send_raw(0x80FD, information)
    assert answer[1].code == Code.PROTOCOL_REJECT
    assert answer[1].data == bytes.fromhex("80fd") + information


def test_other_protocols_wait_for_lcp() -> None:
    call = Call()
    assert call.guest.send(IPCP, 1, 1) == []
    assert call.guest.frames(IPV4, b"early") == []
    assert call.delivered == []


def test_termination_by_the_guest_ends_the_call() -> None:
    call = Call()
    call.guest.open_lcp()
    assert codes(call.guest.send(LCP, Code.TERMINATE_REQUEST, 5)) == [(LCP, Code.TERMINATE_ACK)]
    assert call.peer.dead
    assert call.guest.send(LCP, 1, 6) == []
    assert call.events.names == ["ppp-lcp-up", "ppp-closed"]


def test_a_new_lcp_request_starts_afresh() -> None:
    call = Call()
    call.guest.open_lcp()
    call.guest.open_ipcp()
    call.guest.open_lcp()
    assert call.guest.frames(IPV4, b"too early") == []
    call.guest.open_ipcp()
    assert call.guest.frames(IPV4, b"now") == [(IPV4, b"answer")]
    assert call.events.names == ["ppp-lcp-up", "ppp-up"] * 2


# --- IPCP ---


def test_the_guest_gets_address_and_name_servers() -> None:
    call = Call()
    call.guest.open_lcp()
    reject, request = (packet for _, packet in call.guest.send(IPCP, 1, 8, THREAD_IPCP))
    assert (reject.code, reject.data.hex()) == (Code.CONFIGURE_REJECT, "0206002d0f01")
    assert request.data == bytes.fromhex("0306") + GATEWAY.packed
    (nak,) = (packet for _, packet in call.guest.send(IPCP, 1, 9, THREAD_IPCP[6:]))
    assert nak.code == Code.CONFIGURE_NAK
    offered = parse_options(nak.data) or ()
    assert [o.value for o in offered] == [GUEST.packed, GATEWAY.packed, SECOND_DNS.packed]
    assert codes(call.guest.send(IPCP, 1, 10, nak.data)) == [(IPCP, Code.CONFIGURE_ACK)]
    assert "ppp-up" not in call.events.names
    call.guest.send(IPCP, Code.CONFIGURE_ACK, request.identifier, request.data)
    assert call.events.of("ppp-up") == [{"address": "10.64.0.2"}]
    assert call.guest.frames(IPV4, b"packet") == [(IPV4, b"answer")]
    assert call.delivered == [b"packet"]


def test_a_wrong_apn_ends_the_call_as_in_the_public_thread() -> None:
    call = Call(replace(SETTINGS, accept_apn=False))
    call.guest.open_lcp()
    (nak,) = call.guest.send(IPCP, 1, 8, THREAD_IPCP)
    assert nak == (IPCP, ControlPacket(Code.CONFIGURE_NAK, 8, b""))
    assert codes(call.guest.send(IPCP, 1, 9, THREAD_IPCP)) == [(LCP, Code.TERMINATE_REQUEST)]
    assert call.events.of("ppp-closed") == [{"reason": "APN not accepted"}]
    call.guest.send(LCP, Code.TERMINATE_ACK, 3)
    assert call.peer.dead


# --- Authentication ---


def test_pap() -> None:
    call = Call(replace(STRICT, auth=Auth.PAP))
    assert call.guest.open_lcp() == []
    assert call.peer.phase is Phase.AUTHENTICATE
    (answer,) = call.guest.send(PAP, 1, 1, b"\x04user\x06secret")
    assert answer[1].code == 2
    call.guest.open_ipcp()
    assert call.events.names == ["ppp-lcp-up", "ppp-up"]


def test_wrong_pap_password() -> None:
    call = Call(replace(STRICT, auth=Auth.PAP))
    call.guest.open_lcp()
    assert codes(call.guest.send(PAP, 1, 1, b"\x04user\x05wrong")) == [
        (PAP, 3),
        (LCP, Code.TERMINATE_REQUEST),
    ]
    assert call.events.names == ["ppp-lcp-up", "ppp-auth-failed", "ppp-closed"]
    assert "wrong" not in str(call.events.of("ppp-closed"))


def test_chap_response_is_md5_over_identifier_secret_challenge() -> None:
    # printf '\x01secretchallenge' | md5sum
    assert chap_response(1, b"secret", b"challenge").hex() == "46e47770030e2b4e26a0db72a7efec00"


@pytest.mark.parametrize(("secret", "accepted"), [(b"secret", True), (b"wrong", False)])
def test_chap(secret: bytes, accepted: bool) -> None:
    call = Call(replace(STRICT, auth=Auth.CHAP))
    (challenge,) = (packet for protocol, packet in call.guest.open_lcp() if protocol == CHAP)
    assert challenge.data[1:17] == CHALLENGE
    response = chap_response(challenge.identifier, secret, CHALLENGE)
    answers = call.guest.send(CHAP, 2, challenge.identifier, b"\x10" + response + b"user")
    assert answers[0][1].code == (3 if accepted else 4)
    assert call.peer.phase is (Phase.NETWORK if accepted else Phase.TERMINATE)


def test_a_guest_without_authentication_is_let_in_by_any() -> None:
    """The stick of the public thread asked for CHAP, and did without when pppd rejected that."""
    call = Call(replace(SETTINGS, auth=Auth.ANY))
    _, request = (packet for _, packet in call.guest.send(LCP, 1, 1))
    assert request.data.endswith(bytes.fromhex("0305c22305"))
    (answer,) = call.guest.send(LCP, Code.CONFIGURE_REJECT, request.identifier, bytes.fromhex("0305c22305"))
    assert b"\xc2\x23" not in answer[1].data
    call.guest.send(LCP, Code.CONFIGURE_ACK, answer[1].identifier, answer[1].data)
    assert call.peer.phase is Phase.NETWORK


def test_any_takes_pap_instead_and_whatever_name() -> None:
    call = Call(replace(SETTINGS, auth=Auth.ANY))
    _, request = (packet for _, packet in call.guest.send(LCP, 1, 1))
    (answer,) = call.guest.send(LCP, Code.CONFIGURE_NAK, request.identifier, bytes.fromhex("0304c023"))
    call.guest.send(LCP, Code.CONFIGURE_ACK, answer[1].identifier, answer[1].data)
    assert codes(call.guest.send(PAP, 1, 1, b"\x00\x00")) == [(PAP, 2)]


def test_a_network_that_insists_on_chap_ends_the_call_of_a_guest_that_refuses() -> None:
    call = Call(replace(STRICT, auth=Auth.CHAP))
    _, request = (packet for _, packet in call.guest.send(LCP, 1, 1))
    answers = call.guest.send(LCP, Code.CONFIGURE_REJECT, request.identifier, bytes.fromhex("0305c22305"))
    assert codes(answers) == [(LCP, Code.TERMINATE_REQUEST)]
    assert call.events.names == ["ppp-auth-failed", "ppp-closed"]


def test_endless_disagreement_ends() -> None:
    call = Call()
    answers = call.guest.send(LCP, 1, 1)
    for _ in range(10):
        requests = [packet for protocol, packet in answers if packet.code == Code.CONFIGURE_REQUEST]
        if not requests:
            break
        answers = call.guest.send(LCP, Code.CONFIGURE_NAK, requests[0].identifier, bytes.fromhex("01040100"))
    assert codes(answers) == [(LCP, Code.TERMINATE_REQUEST)]


PROTOCOLS = st.sampled_from([LCP, IPCP, PAP, CHAP, IPV4, 0x80FD, 0x8057])


@given(st.sampled_from(list(Auth)), st.booleans(), st.lists(st.tuples(PROTOCOLS, st.binary(max_size=40))))
def test_any_packets(auth: Auth, opened: bool, packets: list[tuple[int, bytes]]) -> None:
    call = Call(replace(STRICT, auth=auth))
    if opened:
        call.guest.open_lcp()
    for protocol, information in packets:
        for answered, payload in call.guest.frames(protocol, information):
            assert answered == IPV4 or ControlPacket.parse(payload) is not None


@given(st.lists(st.binary(max_size=100)))
def test_any_octets(pieces: list[bytes]) -> None:
    call = Call()
    for piece in pieces:
        call.peer.receive(piece)
