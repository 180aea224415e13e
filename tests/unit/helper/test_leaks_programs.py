# SPDX-License-Identifier: MIT
"""Values that several lines give away together, and values that only look like identities.

What stands between «» was planted by hand, in the forms of libqmi's sources.
"""

from __future__ import annotations

import re

import pytest

from huawei_modem.transcript.pasted import masker
from unit.helper.test_leaks import PLANTED, leaks

QMI = """
>>>>>> TLV:
>>>>>>   type       = "Username" (0x17)
>>>>>>   length     = 8
>>>>>>   value      = «6B:75:6E:64:65:37:37:37»
>>>>>>   translated = «kunde777»
>>>>>> TLV:
>>>>>>   type       = "Password" (0x18)
>>>>>>   length     = 5
>>>>>>   value      = «77:6F:72:74:39»
>>>>>>   translated = «wort9»
<<<<<< TLV:
<<<<<<   type       = "MSISDN" (0x01)
<<<<<<   length     = 13
<<<<<<   translated = «4915119191919»
<<<<<< TLV:
<<<<<<   type       = "PIN Info" (0x01)
<<<<<<   translated = [ pin_id = 'pin1' pin_value = '«60719»' ]
<<<<<< TLV:
<<<<<<   type       = "Result" (0x02)
<<<<<<   translated = SUCCESS
"""
JOURNAL = "Nov 30 10:11:12 board ModemManager[4]: "
STAYS = [
    "Connection from 192.168.8.1 port 5 on 192.168.8.100 port 22",
    "DHCPACK of 192.168.8.100 from 192.168.8.1",
    "upgraded from 5.15.148 to 5.15.150",
    "mmcblk0: detected capacity change from 0 to 15523840",
    "ModemManager[3]: speed changed from 1234567 to 2345678",
    "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000014",
    "user canceled; password wrong",
    "systemd[1]: Started User Manager for UID 1000.",
    "systemd[1]: ofono.service: Main process exited, code=exited, status=1/FAILURE",
    "dropbear[9]: Exit (0)",
    "sshd[9]: Connection closed by user request",
    "resolving hostname to address failed",
    "E: DEVNAME=/dev/ttyUSB0",
    "Welcome to Debian GNU/Linux 12!",
    "device id: 0x1506, '12d1:15ca'",
    "device name: wwan0",
    "controller name = ci_hdrc.0",
    "target name: multi-user.target",
    "option device '/dev/cdc-wdm0'",
    "ofonod[4]: Modem: /huawei_0 registered, network name Telekom.de",
    "CHAP authentication succeeded",
    "charon: 08[IKE] IKE_SA rw[3] established between 192.0.2.1[192.0.2.1]...192.0.2.2[%any]",
    "AT&F1DT*99***1#",
    "atd[9]: Starting job 1234567",
    "ATTACHED to port 123456",
    "connected to tcp/192.0.2.1:1883",
    "GET /x?code=404&page=2",
    "mosquitto[8]: Received CONNECT from 192.0.2.9",
    "hostapd: waiting for client connections.",
    "uid=0(root) gid=0(root) groups=0(root)",
    "uid=998(messagebus)",
    "KeyError: no key found for 'idVendor'",
    "configfs-gadget: configuration 'c.1'",
    "331 packets were dropped for wlan0",
    "Unhandled fault at 00000000: [00000007] *pgd=80000000",
    "connmand[3]: Telekom.de by internet.telekom",
    "Client 192.168.8.100 disconnected",
    "user@1000.service: Deactivated successfully",
    "dhclient[9]: hostname resolution failed",
    "Mode:Managed  Access Point: Not-Associated   Tx-Power=20 dBm",
    'hostname: hostname changed from (none) to ""',
    '{"level": "info", "message": "modem is ready"}',
    "gpio: pin_value = '3'",
    '["mkdir", "-p", "/var/lib/huawei-modem"]',
    '["ssh", "-p", "22", "board"]',
    '["qmicli", "-d", "/dev/cdc-wdm0", "-p", "--wds-get-profile-list=3gpp"]',
    'audit: type=1309 argc=3 a0="qmicli" a1="-p" a2="--device-open-net=net-802-3|net-no-qos-header"',
    '["ip6tables", "-A", "INPUT", "-p", "icmpv6", "-j", "ACCEPT"]',
    '["journalctl", "-u", "ofono.service", "-b"]',
    '["docker", "run", "-p", "8080:80", "-u", "1000:1000", "x"]',
    'execve("/usr/bin/unzip", ["unzip", "-p", "firmware.zip"], 0x7ff)',
    'audit: type=1309 argc=3 a0="cp" a1="-p" a2="image1.tar.gz"',
    "+ busctl get-property org.ofono /x org.ofono.ConnectionContext AccessPointName",
    "+ busctl call org.ofono /x org.ofono.ConnectionContext SetProperty sv Active b true",
    "+ dbus-send --system --dest=org.ofono /h org.ofono.SimManager.GetProperties",
    "+ snmpget -On -v2c 192.0.2.1",
    "+ curl -sS -o /dev/null http://192.0.2.1/",
    "OLDPWD=/etc",
    "BYPASS=enabled",
    "ofonod[4]: EnterPin took 6072 ms",
    "+ connmanctl enable wifi",
    "dial *99#",
    "+ echo 1 > /sys/bus/usb/devices/1-1/authorized",
    "pppd[3]: user name is invalid",
    "pppd 2.5.2 started by root, uid 0",
    "pppd[3]: Peer refused to agree to his IP address",
    "pppd[3]: Peer is not authorized to use remote address 10.0.0.2",
    'dbus-daemon[2]: Connection ":1.9" is not allowed',
    'ofonod[301]: Pcui: > AT+CLCK="SC",2',
    "pppd[3]: remote name not set",
    "resolved: local name server 192.0.2.1",
    "account id 1000",
    "USSD response timed out",
    "8250: Serial: 8250/16550 driver, 8 ports",
    "nginx: AUTH SUCCEEDED",
    "iw: no ssid",
    "option 12 hostname",
    "\u043f\u0430\u0440\u043e\u043b\u044c \u043f\u0440\u0438\u043d\u044f\u0442",
    "usb 1-1: Product: \uff28uawei %2541",
    "login as root",
    "netd[3]: password -> wrong",
    "PIN accepted",
    "SIM PIN entered",
    "netd[3]: password is [hidden]",
    "mwifiex: info: associated to bssid successfully",
    "Connected to AP",
    "mac 1 of 6",
    "WPA-PSK -> SAE",
    "<DeviceName>E3372</DeviceName><SoftwareVersion>22.328.62.00.00</SoftwareVersion>",
]


@pytest.mark.parametrize("before", ["", JOURNAL], ids=["bare", "journal"])
def test_a_type_says_what_the_lines_after_it_are(before: str) -> None:
    lines = [before + line.replace("«", "").replace("»", "") for line in QMI.strip().splitlines()]
    shown = "\n".join(masker().lines("\n".join(lines)))
    assert leaks(shown, PLANTED.findall(QMI)) == []
    assert "SUCCESS" in shown


@pytest.mark.parametrize("line", STAYS)
def test_what_only_looks_like_an_identity_stays(line: str) -> None:
    assert masker()(line) == line


def test_an_address_is_not_masked_because_a_shorter_one_was_found() -> None:
    mask = masker()
    mask.learn(
        [
            ("192.168.8.1", "telephone number"),
            ("7700900", "telephone number"),
            ("60720", "PIN, user or password"),
        ]
    )
    assert mask("via 192.168.8.100") == "via 192.168.8.100"
    assert mask("count 77009001, 1.7700900, 160720, 60720.5") == "count 77009001, 1.7700900, 160720, 60720.5"
    assert re.fullmatch(r"dial \[masked-\d\], typed \[masked-\d\].", mask("dial 7700900, typed 60720."))


def test_what_is_dialled_in_a_call_is_masked() -> None:
    """A bank asks for its own PIN so."""
    assert masker()("App: > AT+VTS=4;+VTS=7") == "App: > AT+VTS=[masked-1];+VTS=[masked-2]"


@pytest.mark.parametrize("spelling", ["0x1bdcaeb2b4c8e", "0x0001BDCAEB2B4C8E", "1bdcaeb2b4c8e"])
def test_a_number_that_was_found_is_found_as_one_in_hexadecimal(spelling: str) -> None:
    mask = masker()
    assert "490154203237518" not in mask("IMEI: 490154203237518")
    assert mask(f"value {spelling} of 0x1bdc") == "value [masked-1] of 0x1bdc"


def test_what_only_looks_like_a_digit_is_no_number_in_hexadecimal() -> None:
    """A stick gives what it likes for its serial number; a superscript is a digit, and of no base."""
    mask = masker()
    mask.learn([("49015420323751\N{SUPERSCRIPT TWO}", "serial number")])
    assert mask("value 49015420323751\N{SUPERSCRIPT TWO} set") == "value [masked-1] set"


def test_a_number_is_found_behind_the_code_of_a_country() -> None:
    mask = masker()
    mask.learn([("7700900140", "telephone number")])
    assert "7700900140" not in mask("x 447700900140 y")


def test_a_password_of_four_digits_is_masked_where_a_word_says_so_alone() -> None:
    mask = masker()
    mask('AT+CPIN="6072"')
    for line in ("error in module 6072", "took 6072 ms", "sequence 6072, next"):
        assert mask(line) == line
    for line in ("pin 6072 is wrong", "PIN: 6072", "entering 6072 as the PIN", "the code '6072' was taken"):
        assert "6072" not in mask(line), line


def test_a_sms_from_one_number_to_another_has_two() -> None:
    assert not re.search("4915", masker()("SMS from 491511234567 to 491511234568"))


@pytest.mark.parametrize(
    "text",
    [
        '+CPBR: 3,"+4915120098879",145,"Quakfrosch"\ncaller Quakfrosch',
        '+CNAP: "Quakfrosch",0\nx Quakfrosch y',
    ],
)
def test_the_parts_of_an_answer_are_found(text: str) -> None:
    mask = masker()
    mask.survey([text])
    assert "Quakfrosch" not in "\n".join(mask.lines(text))


@pytest.mark.parametrize(
    "text",
    [
        "Password:\nLogin incorrect",
        "Password:\nrequired",
        "Nov 30 08:00:01 x sh[3]: Password:\nNov 30 08:00:01 x kernel: ttyUSB0",
    ],
)
def test_what_follows_a_prompt_and_answers_none_stays(text: str) -> None:
    assert "\n".join(masker().lines(text)) == text


def test_a_message_in_a_journal_ends_where_its_program_says_something_else() -> None:
    head = "Nov 30 08:00:01 x "
    text = [
        'chat[3]: +CMT: "+4915120098879",,"26/11/30,08:01:02+04"',
        "kernel: usb 1-1: USB disconnect",
        "chat[3]: Sonderzug nach Pankow",
        "chat[3]: OK",
        "chat[3]: send (AT^M)",
        *["ofonod[4]: plugins/huawei.c:huawei_enable()"] * 50,
        "chat[3]: SEND Sonderzug nach Pankow",
    ]
    shown = [line.removeprefix(head) for line in masker().lines("\n".join(head + line for line in text))]
    assert "Pankow" not in "\n".join(shown)
    assert [shown[1], *shown[3:-1]] == [text[1], *text[3:-1]]
    unended = [head + text[0], *[f"{head}chat[3]: line {number}" for number in range(100)]]
    assert sum("[masked" in line for line in masker().lines("\n".join(unended))) < 50


def test_what_a_log_is_about_stays_whoever_is_called_so() -> None:
    """A guest of the hotspot, a stick and a user of SSH may have a driver's or a model's name."""
    mask = masker()
    names = ("ttyUSB2", "wwan0", "MS2372h", "huawei_cdc_ncm", "E3372", "12d1", "option1", "CONFIG_PPP_FILTER")
    named = (*names, "22.200.09.00.00")
    text = "".join(f"sshd[3]: Invalid user {name} from 192.0.2.4\n" for name in named)
    text += "openvpn: Username/Password authentication succeeded for username 'x'\n(username) https://192.0.2.1/\n"
    text += 'pppd: sent [PAP AuthReq id=0x1 user="orange" password="orange"]\n'
    public = 'AT+CGDCONT=1,"IP","orange.fr"\n+COPS: 0,0,"Orange F",7\nAccessPointName = orange.fr'
    mask.survey([text + public])
    shown = "\n".join(mask.lines(" ".join(named) + "\n(username) https://192.0.2.1/\n" + public))
    assert shown == " ".join(named) + "\n(username) https://192.0.2.1/\n" + public


def test_operators_stay_in_running_text_whose_public_user_is_called_so() -> None:
    mask = masker()
    assert "telekom" not in mask('pppd: sent [PAP AuthReq id=0x1 user="telekom" password="tm"]')
    text = "connmand[3]: Telekom.de by internet.telekom, registered"
    assert mask(text) == text
