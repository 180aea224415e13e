# SPDX-License-Identifier: MIT
"""Why a connection failed, in the words of each program that passes a reason on: one meaning for all of them.

ModemManager 1.24 names a reason as a D-Bus error (include/ModemManager-errors.h) and in words
(src/mm-error-helpers.c); NetworkManager 1.52 as a number, a name and a sentence (NMDeviceStateReason,
src/libnmc-base/nm-client-utils.c). A meaning is that of messages.py; None is a reason that is no fault.
"""

from __future__ import annotations

import re

_MEANINGS = """
    modem-failed: PhoneFailure NoConnection InvalidMobileClass
    sim-operator-lock: PhSimPin PhSimPuk PhFsimPin PhFsimPuk NetworkPin NetworkPuk NetworkSubsetPin
        NetworkSubsetPuk ServicePin ServicePuk CorpPin CorpPuk
    sim-missing: SimNotInserted
    sim-pin-required: SimPin SimPinRequired
    sim-pin-required:puk: SimPuk SimPukRequired
    sim-failure: SimFailure SimWrong
    sim-failure:busy: SimBusy
    sim-failure:wrong-pin: IncorrectPassword
    not-registered:no-network: NoNetwork NetworkTimeout NoCellsInArea NoSuitableCellsInTrackingArea
    not-registered:denied: NetworkNotAllowed IllegalMs IllegalMe ImsiUnknownInHlr ImsiUnknownInHss
        ImsiUnknownInVlr ImeiNotAccepted PlmnNotAllowed LocationNotAllowed AreaNotAllowed RoamingNotAllowed
        RoamingNotAllowedInLocationArea NotAuthorizedForCsg AndNonGprsNotAllowed
        ServiceNotAllowedInPlmn
    context-refused:subscription: ServiceNotAllowed ServiceOptionNotSupported ServiceOptionNotSubscribed
        NotSubscribed OperatorDeterminedBarring
    context-refused:type: Ipv4OnlyAllowed Ipv6OnlyAllowed Ipv4v6OnlyAllowed UnknownPdpAddressOrType
        SingleAddressBearersOnlyAllowed
    context-refused:network: ServiceOptionOutOfOrder InsufficientResources Congestion ImplicitlyDetached
        NetworkFailureActivation NetworkFailureAttach ActivationRejectedByGgsnOrGw
        ActivationRejectedUnspecified RegularDeactivation NetworkFailure
    context-refused:pdn: MultiplePdnConnectionSameApnNotAllowed
    context-refused: UnknownApn MissingOrUnknownApn CallFailed NotAllowed
    ppp-auth-failed: PdpAuthFailure UserAuthenticationFailed UserAuthFailed
    dial-failed:no-carrier: NoCarrier
    dial-failed: NoDialtone Busy NoAnswer
    port-missing: OpenFailedNoDevice
    port-in-use:unknown: OpenFailed
    port-io-error: SendFailed
    port-silent: ResponseTimeout
    dbus-denied: Unauthorized
    modem-failed: WrongState DeviceNotReady NotInitialized InvalidTransition
    =manager-busy: Retry InProgress Throttled ResetAndRetry Cancelled Aborted
"""
_WORDS = """
    modem-failed: devicenotready invalidtransition phonefailure noconnectiontophone invalidmobileclass
    sim-operator-lock: phsimpinrequired phfsimpinrequired phfsimpukrequired
        networkpersonalizationpinrequired networkpersonalizationpukrequired
        networksubsetpersonalizationpinrequired serviceproviderpersonalizationpinrequired
        serviceproviderpersonalizationpukrequired corporatepersonalizationpinrequired
    sim-missing: simnotinserted
    sim-pin-required: simpinrequired
    sim-pin-required:puk: simpukrequired
    sim-failure: simfailure simwrong
    sim-failure:busy: simbusy
    sim-failure:wrong-pin: incorrectpassword
    not-registered:no-network: nonetworkservice networktimeout
    not-registered:denied: networknotallowedemergencycallsonly illegalms illegalme plmnnotallowed
        locationareanotallowed roamingnotallowedinthislocationarea
    context-refused:subscription: gprsservicesnotallowed serviceoptionnotsupported
        requestedserviceoptionnotsubscribed operatordeterminedbarring
    context-refused:network: serviceoptiontemporarilyoutoforder insufficientresources
    context-refused:pdn: multiplepdnconnectionsforthegivenapnnotallowed
        multiplepdnconnectionsforagivenapnnotallowed
    context-refused: missingorunknownapn unknownapn operationnotallowed
    ppp-auth-failed: pdpauthenticationfailure userauthenticationfailed
    dial-failed:no-carrier: nocarrier
"""
_ERROR = re.compile(r"org\.freedesktop\.ModemManager1?\.(?:\w+\.)*?(\w+)(?=[:'\" ]|\Z)")
_NOT_DENIED = re.compile(r"\bcommand failed: |only allowed in debug mode")
"""ModemManager 1.24, src/mm-iface-modem.c: whoever asks, an AT command needs its debug mode."""
_CONNECTS = re.compile(r"connect|bearer|start network|activat", re.IGNORECASE)
_NOT_ALNUM = re.compile(r"[^a-z0-9]")


def _table(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    meaning = ""
    for word in text.split():
        if word.endswith(":"):
            meaning = word[:-1]
        else:
            found[word] = meaning
    return found


_BY_NAME, _BY_WORDS = _table(_MEANINGS), _table(_WORDS)


def of_modem_manager(text: str) -> str | None:
    """What an error of ModemManager means, by its name or by its words at the end of the line.

    None where it gives no reason that is known here.
    """
    if (match := _ERROR.search(text)) is not None:
        name = match[1].removeprefix("Gprs")
        if name == "Unauthorized" and _NOT_DENIED.search(text):
            return "=manager-asked-wrongly"
        if (meaning := _BY_NAME.get(name)) is not None:
            return meaning
    for part in reversed(text.split(":")):
        words = _NOT_ALNUM.sub("", part.lower())
        if (meaning := _BY_WORDS.get(words)) is not None:
            return meaning
        if words:
            break
    return "context-refused" if match is not None and _CONNECTS.search(text) else None


NETIFD = _table(
    """
    port-missing: NO_DEVICE
    net-driver-missing:netifd: NO_IFACE NO_IFNAME
    port-silent: GETINFO_FAILED
    modem-unsupported: UNSUPPORTED_MODEM
    modem-unsupported:device: DEVICE_NOT_MANAGED
    dial-failed: INITIALIZE_FAILED CONFIGURE_FAILED SETMODE_FAILED CONNECT_FAILED FINALIZE_FAILED
        MM_CONNECT_FAILED
    sim-missing: MM_FAILED_REASON_SIM_MISSING
    sim-pin-required: PIN_NOT_SPECIFIED PIN_TRIES_BELOW_LIMIT MM_PINCODE_REQUIRED
    sim-pin-required:puk: PUK_NEEDED
    sim-failure:wrong-pin: MM_PINCODE_WRONG ncm/PIN_FAILED qmi/PIN_FAILED 3g/PIN_FAILED
    sim-failure: SIM_NOT_INITIALIZED SIM_ILLEGAL_STATE PIN_STATUS_FAILED NO_SUBSCRIBER
    not-registered: NETWORK_REGISTRATION_FAILED NO_REGISTRATION REGISTRATION_FAILED PLMN_FAILED
        MM_3GPP_OPERATOR_REGISTRATION_FAILED
    not-attached: ATTACH_FAILED
    context-refused: CALL_FAILED CONFIG_FAILED
    apn-missing:netifd: NO_APN
    ppp-auth-failed: 3g/AUTH_FAILED
    ppp-options-wrong: 3g/INVALID_OPTIONS
    modem-failed: MM_FAILED_REASON_UNKNOWN
    """
)
"""Codes that OpenWrt's protocol scripts give to netifd (ncm.sh, qmi.sh, mbim.sh, 3g.sh, ppp.sh and
modemmanager.sh of 2023 to 2025); with the protocol where others mean something else by the word."""
_GAMMU = _table(
    """
    port-in-use:unknown: DEVICEOPENERROR
    port-in-use: DEVICELOCKED DEVICEBUSY
    port-in-use:denied: DEVICENOPERMISSION
    port-missing: DEVICENOTEXIST
    port-io-error: DEVICEWRITEERROR DEVICEREADERROR DEVICENOTWORK
    port-silent: TIMEOUT
    sim-failure: NOSIM
    sim-pin-required: SECURITYERROR
    =message-refused: GETTING_SMSC EMPTYSMSC
    """
)
"""libgammu 1.42, common/gsmcomon.c."""


def of_netifd(code: str) -> str | None:
    """What the code of a protocol script means, alone or as `protocol/code`."""
    return NETIFD.get(code) or NETIFD.get(code.rpartition("/")[2])


def of_gammu(name: str) -> str | None:
    """What gammu's error of this name says of the way to the network, or of messages."""
    return _GAMMU.get(name)


_REASONS = """
    5 ip-config-unavailable dhcp-failed
    6 ip-config-expired dhcp-failed
    7 no-secrets sim-pin-required:secrets
    12 ppp-start-failed ppp-peer-terminated:died
    13 ppp-disconnect ppp-peer-terminated:died
    14 ppp-failed ppp-peer-terminated:died
    15 dhcp-start-failed dhcp-failed
    16 dhcp-error dhcp-failed
    17 dhcp-failed dhcp-failed
    23 modem-busy dial-failed
    24 modem-no-dial-tone dial-failed
    25 modem-no-carrier dial-failed:no-carrier
    26 modem-dial-timeout dial-failed
    27 modem-dial-failed dial-failed
    28 modem-init-failed modem-failed
    29 gsm-apn-failed context-refused
    30 gsm-registration-not-searching not-registered
    31 gsm-registration-denied not-registered:denied
    32 gsm-registration-timeout not-registered
    33 gsm-registration-failed not-registered
    34 gsm-pin-check-failed sim-failure:wrong-pin
    36 removed =gone
    37 sleeping =offline
    39 user-requested =offline
    43 modem-not-found modem-failed
    45 gsm-sim-not-inserted sim-missing
    46 gsm-sim-pin-required sim-pin-required
    47 gsm-sim-puk-required sim-pin-required:puk
    48 gsm-sim-wrong sim-failure:wrong-pin
    52 modem-manager-unavailable modemmanager-not-running
    57 modem-failed modem-failed
    59 sim-pin-incorrect sim-failure:wrong-pin
    66 ip-method-unsupported context-refused:type
"""
_SENTENCES = {
    "ip configuration could not be reserved": 5,
    "the ip configuration is no longer valid": 6,
    "secrets were required, but not provided": 7,
    "no secrets were provided": 7,
    "no valid secrets": 7,
    "ppp service failed to start": 12,
    "ppp service disconnected": 13,
    "ppp failed": 14,
    "dhcp client failed to start": 15,
    "dhcp client error": 16,
    "dhcp client failed": 17,
    "the line is busy": 23,
    "no dial tone": 24,
    "no carrier could be established": 25,
    "the dialing request timed out": 26,
    "the dialing attempt failed": 27,
    "modem initialization failed": 28,
    "failed to select the specified apn": 29,
    "not searching for networks": 30,
    "network registration denied": 31,
    "network registration timed out": 32,
    "failed to register with the requested network": 33,
    "pin check failed": 34,
    "the modem could not be found": 43,
    "gsm modem's sim card not inserted": 45,
    "gsm modem's sim pin required": 46,
    "gsm modem's sim puk required": 47,
    "gsm modem's sim wrong": 48,
    "modemmanager is unavailable": 52,
    "modem failed or no longer available": 57,
    "sim pin was incorrect": 59,
    "the selected ip method is not supported": 66,
}
_ROWS = [line.split() for line in _REASONS.strip().splitlines()]
_BY_NUMBER = {int(number): meaning for number, _name, meaning in _ROWS}
_BY_REASON = {name: int(number) for number, name, _meaning in _ROWS}


def of_network_manager(reason: str) -> str | None:
    """What NetworkManager's reason means, as a number, a name or the sentence that nmcli prints."""
    number = _number(reason)
    return _BY_NUMBER.get(number) if number is not None else None


def is_of_modem(reason: str) -> bool:
    """Whether only a modem's device fails for this reason."""
    number = _number(reason)
    return number is not None and (23 <= number <= 34 or 43 <= number <= 48 or number in (57, 59))


def _number(reason: str) -> int | None:
    reason = reason.strip().strip("'(). ").lower()
    if reason.isdecimal() and len(reason) < 4:
        return int(reason)
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    return next((number for words, number in _SENTENCES.items() if reason.startswith(words)), None)
