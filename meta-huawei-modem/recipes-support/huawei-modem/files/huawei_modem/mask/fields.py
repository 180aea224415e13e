# SPDX-License-Identifier: MIT
"""PINs and PUKs, which are digits alone, by the words around them; addresses and folders that hold a name."""

from __future__ import annotations

from huawei_modem.mask.form import Form
from huawei_modem.mask.kinds import SECRET

FORMS = (
    # A PIN or a PUK, which are digits alone.
    Form(SECRET, "pin puk", r"(?<![a-z0-9])(?:pin|puk)\d?\s?[\[(<{]\s?['\"]?(\d{4,8})['\"]?\s?[\])>}]"),
    Form(SECRET, "passkey pin", r"\b(?:passkey|pin ?code)\b\D{0,20}(\d{4,8})\b"),
    Form(SECRET, "code", r"\b(?:setup|pairing|unlock\S{0,12}|pin|puk)[ _-]code\b\W{1,3}(\d{4,11})\b"),
    Form(SECRET, "pin puk", r"\b(?:pin|puk)[12]?:? (?:code )?(?:is |was |= ?)?['\"]?(\d{4,8})\b"),
    Form(SECRET, "pin puk", r"--(?:[\w-]+-)?(?:pin|puk)\d?[ =]+['\"]?(?:PIN\d?,)?(\d{4,8})\b"),
    Form(
        SECRET,
        "pin puk",
        r"\b(?:pin|puk)2? (?:\w{1,10} )?(?:entered|accepted|sent|used|tried|typed|rejected|refused)"
        r"\W{1,3}(\d{4,8})\b",
    ),
    Form(
        SECRET,
        "pass pin puk",
        r"\b(?:passw\w{0,4}|pass|pin|puk) \(\w{1,12}\)\s?[:=]\s?[\"']?([^\s\"'\[]{3,})",
    ),
    Form(SECRET, "pin", r"\bpin (?:file |code )?(?:says|reads|holds|contains) (\d{4,8})\b"),
    Form(SECRET, "pin puk", r"\b(?:\w{0,12}_)?(?:pin|puk)_?(?:value|code)? ?= ?'(\d{4,8})'"),
    # Addresses with credentials, addresses of mail, folders of people, a registry's account.
    Form(SECRET, "://", r"://([^\s/@\"'<>]+)@"),
    Form(
        SECRET,
        "@",
        r"(?<![\w.+:/-])([\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?!service|target|slice|socket|timer|mount|"
        r"path|device|scope|swap)[a-z]{2,})(?![\w.])",
    ),
    Form(SECRET, "/home/ /users/", r"(?:/home|(?<![\w.-])/Users)/([\w.+-]+)"),
    Form(
        SECRET,
        "/media/",
        r"/media/(?!(?:cdrom|usb|sd|sr|mmc|nvme|huawei|disk|realroot|root)[\w.-]*(?:/|$))([\w.+-]+)(?=/)",
    ),
    Form(SECRET, "login", r"\blogin\b.{0,80}? (?:-u|--username)[ =](\S+)"),
    Form(SECRET, "login", r"\blogin\b.{0,80}? -p[ =]?(\S+)"),
)
