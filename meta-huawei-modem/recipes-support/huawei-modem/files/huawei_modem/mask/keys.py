# SPDX-License-Identifier: MIT
"""The words that say that a secret follows, in the languages of the people who paste logs."""

from __future__ import annotations

PASSWORDS = (
    r"passwor[dt]|passwrd|pass ?phrase|passcode|passwort|kennwort|codewort|mot[ _-]de[ _-]passe|"
    r"contrase(?:n|\u00f1|n\u0303)a|clave|wachtwoord|has[l\u0142]o|\u043f\u0430\u0440\u043e\u043b[\u044c\u044f]|"
    r"\u5bc6[\u7801\u78bc]|\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\u6697\u8a3c\u756a\u53f7|"
    r"\ube44\ubc00\ubc88\ud638|l[o\u00f6]senord|adgangskode|passord|parola(?: d'ordine| chiave)?|senha|heslo|"
    r"salasana|jelsz[o\u00f3]|[s\u015f]ifre|parool|slapta[z\u017e]odis|geslo|lozinka|"
    r"\u03ba\u03c9\u03b4\u03b9\u03ba[\u03bf\u03cc]\u03c2|\u05e1\u05d9\u05e1\u05de\u05d4|"
    r"\u0e23\u0e2b\u0e31\u0e2a\u0e1c\u0e48\u0e32\u0e19|m[a\u1ead]t kh[a\u1ea9]u|kata sandi|"
    r"\u0643\u0644\u0645\u0629 (?:\u0627\u0644\u0645\u0631\u0648\u0631|\u0627\u0644\u0633\u0631)"
)
USERS = (
    r"benutzer(?:name)?|anmeldename|(?:nom d')?utilisateur|identifiant|(?:nombre de )?usuario|"
    r"(?:nome )?utente|gebruiker(?:snaam)?|anv[a\u00e4]ndar(?:e|namn)|bruger(?:navn)?|brukernavn|"
    r"u[z\u017c]ytkownik|\u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b\u044c|"
    r"\u043b\u043e\u0433\u0438\u043d|\u7528\u6237\u540d|kullan[i\u0131]c[i\u0131](?: ad[i\u0131])?|"
    r"u[z\u017e]ivatel(?:sk\u00e9 jm\u00e9no)?"
)
SAYS = (
    r"is|was|ist|war|lautet|lauten|est|es|"
    r"\u00e8|era|\u00e9|\u00e4r|er|on|to|jest|je|\u044d\u0442\u043e|equals"
)
"""Between such a word and the secret: `the password is X`, `das Passwort lautet X`."""
SAID = """
    a aborted accepted allowed also an and another any asked authentication bad being blank canceled
    cancelled case change changed correct default denied different disabled empty enabled encrypted
    entered expired failed false file for free from given gone good hidden in incorrect invalid it
    kept known left locked lost masked missing my necessary needed never new no none not of off ok
    old on one only optional or out possible present protected provided read refused rejected
    required reset right safe same saved secret sent set short shown stored still that the their
    this to too true try unchanged unknown unset used valid value verified weak with wrong you your
"""
"""What is said of a password, and is none."""
HINTS = """
    pass pw acct logname psk secret credential key token pin puk user login account identity ssid cookie
    tethering realm sess signature codewort kennwort contrase clave wachtwoord haslo senord adgangskode parola
    senha heslo salasana jelsz ifre parool slapta geslo lozinka khau sandi benutzer anmeldename utilisateur
    identifiant usuario utente gebruiker anv bruger bruker ytkownik kullan ivatel
"""
"""Any text of ASCII that has a key of a secret has one of these in small letters."""
