# SPDX-License-Identifier: MIT
"""The board's own words become observations on the host's clock."""

from __future__ import annotations

import pytest

from modem_image.bench.observe import Clock, Observation, from_events, from_journal, from_signals
from modem_image.bench.stick.events import Event

# Plug-in at 100 s of the host; the board started at 60 s.
CLOCK = Clock(plug_in=100.0, uptime_offset=60.0)

JOURNAL = """\
[   41.500000] colibri kernel: usb 1-1: GSM modem (1-port) converter now attached to ttyUSB0
[   42.000000] colibri connmand[151]: ppp0 {create} index 3
not a line of the journal
"""

# As busctl 252 prints them; 250 to 259 are alike.
SIGNALS = """\
Monitoring bus message stream.
41.25 {"type":"signal","endian":"l","flags":1,"version":1,"cookie":9,"timestamp-realtime":1795993930779210,"sender":":1.3","path":"/","interface":"org.ofono.Manager","member":"ModemAdded","payload":{"type":"oa{sv}","data":["/huawei_0",{}]}}
42.50 {"type":"signal","endian":"l","flags":1,"version":1,"cookie":10,"timestamp-realtime":1795993930779587,"sender":":1.3","path":"/huawei_0","interface":"org.ofono.Modem","member":"PropertyChanged","payload":{"type":"sv","data":["Powered",{"type":"b","data":true}]}}
43.00 {"type":"signal","endian":"l","flags":1,"version":1,"cookie":11,"timestamp-realtime":1795993930779604,"sender":":1.2","path":"/net/connman/service/x","interface":"net.connman.Service","member":"PropertyChanged","payload":{"type":"sv","data":["State",{"type":"s","data":"online"}]}}
43.10 {"type":"signal","endian":"l","flags":1,"version":1,"cookie":12,"timestamp-realtime":1795993930779704,"sender":":1.3","path":"/huawei_0","interface":"org.ofono.Modem","member":"PropertyChanged","payload":{"type":"sv","data":["Interfaces",{"type":"as","data":["a","b"]}]}}
"""  # noqa: E501


def test_journal_is_read_by_uptime() -> None:
    kernel, connman = from_journal(JOURNAL, CLOCK)
    assert (kernel.time, kernel.source) == (1.5, "kernel")
    assert kernel.text.endswith("now attached to ttyUSB0")
    assert (connman.time, connman.source, connman.name) == (2.0, "journal", "connmand")


def test_what_busybox_klogd_logs_again_is_not_the_kernels() -> None:
    """Else one port would count for two. Lines of an image of OpenEmbedded."""
    line = "cdc_mbim 2-1:2.0 wwan0: register 'cdc_mbim' at usb-ci_hdrc.1-1, CDC MBIM, 56:1f:13:e8:df:59"
    text = f"[   95.050969] colibri kernel: {line}\n[   95.142464] colibri kernel[194]: {line}\n"
    assert [seen.source for seen in from_journal(text, CLOCK)] == ["kernel", "journal"]


def test_signals_are_named_by_property_and_value() -> None:
    assert list(from_signals(SIGNALS, CLOCK)) == [
        Observation(1.25, "ofono", "Manager.ModemAdded", "/ /huawei_0"),
        Observation(2.5, "ofono", "Modem.Powered=true", "/huawei_0 Powered true"),
        Observation(3.0, "connman", "Service.State=online", "/net/connman/service/x State online"),
        Observation(pytest.approx(3.1), "ofono", "Modem.Interfaces=", "/huawei_0 Interfaces a b"),
    ]


def test_a_log_cut_short_is_read_as_far_as_it_goes() -> None:
    for end in range(len(SIGNALS)):
        for seen in from_signals(SIGNALS[:end], CLOCK):
            assert seen.source in ("ofono", "connman")


def test_events_keep_their_detail() -> None:
    (seen,) = from_events([Event(104.0, "configured", {"mode": "modem", "usb": "12d1:1596"})], CLOCK)
    assert (seen.time, seen.name, seen.text) == (4.0, "configured:modem", "mode=modem usb=12d1:1596")


def test_an_empty_string_in_a_signal_is_a_string() -> None:
    """As ConnMan sends of a service without a name: it ended a whole run."""
    text = (
        '2.5 {"type":"signal","path":"/","interface":"net.connman.Manager","member":"ServicesChanged",'
        '"payload":{"type":"a(oa{sv})ao","data":[[["/net/x/cellular_1",{"Name":{"type":"s","data":""},'
        '"Strength":{"type":"y","data":3}}]],[]]}}\n'
    )
    (seen,) = from_signals(text, CLOCK)
    assert seen.name == "Manager.ServicesChanged"
    assert seen.text == "/ /net/x/cellular_1 Name  Strength 3"
