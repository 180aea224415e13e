# SPDX-License-Identifier: MIT
"""What a sentence says, in the words of people: what does not work, what is solved, which program dials.

Clause by clause, with negation: "wvdial instead of NetworkManager" uses the one and not the other, and "works
fine on my laptop" solves nothing. The languages are those of the forums that the reports come from.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

_NET = r"(?:inter-?net|network|web ?sites?|(?:web ?)?pages?|browser|google|the web)"
_COMPLAINTS = (
    # English
    rf"\b(?:no|without|any|lacks?|lost) (?:\w+ )?(?:{_NET}|data|connectivity|traffic)\b(?! interface| "
    r"port| card)",
    r"(?:\b(?:not|never|cannot|unable to|impossible to|fails? to|failed to|nothing|nobody|no longer)\b|"
    r"n[’']?t\b)"
    r"(?! (?:only|yet)\b).{0,30}\b(?:work\w*|brows\w+|surf\w*|ping\w*|reach\w*|load\w*|open\w*|resolv\w+|"
    r"download\w*|connect\w*|dial\w*|get online|go online|answer\w*|respond\w*|access\w*)\b",
    rf"\bno (?:{_NET}|site) (?:opens|loads|works|answers|responds)\b|\bno (?:reply|answer|response)s?\b",
    r"\bnothing (?:loads|works|opens|answers|responds|goes|happens|comes)\b",
    rf"\b(?:{_NET}|ping|downloads?|dns|connections?)\b.{{0,25}}(?:\b(?:not|never|down|dead|hangs?|fails?|"
    r"times? out|timeouts?)\b|n[’']?t\b)",
    r"\b(?:stops?|stopped|quit) working\b|\b(?:is|was|are) broken\b|\bdead\b.{0,10}\b(?:connection|link)\b",
    r"\bserver not found\b",
    # German
    r"\bkein\w* (?:\w+ )?(?:internet\w*|verbindung|netz\w*|seiten?|daten|ping|zugriff|antwort)\b|\bnichts "
    r"geht\b",
    r"\b(?:funktionier\w+|geht|klappt|läuft|lädt|laden|antwortet|reagiert|erreichbar|tut|surfen|pingen|"
    r"öffnen)\b"
    r".{0,25}\b(?:nicht|nichts|nimmer|nie)\b|\b(?:nicht|nichts|nie)\b.{0,25}\b(?:funktionier\w+|erreichbar|"
    r"ins (?:internet|netz)|surfen|laden|öffnen|pingen|verbinden)\b",
    # French
    r"\bpas d[’']?e? ?(?:acc[èe]s|internet|connexion|connection|réseau|réponse)|\bsans (?:acc[èe]s|"
    r"internet)\b",
    r"\b(?:ne|n[’'])\s?(?:\w+\s){0,2}\w+ (?:pas|rien|plus|aucun\w*)\b|\bne (?:marche|fonctionne) (?:pas|"
    r"plus)\b|"
    r"\b(?:marche|fonctionne) (?:pas|plus)\b|\baucune? (?:pages?|site|accès|réponse|connexion)\b|\brien ne\b|"
    r"\bimpossible de (?:se connecter|naviguer|ping\w*|surfer|charger)",
    # Spanish, Portuguese, Italian
    r"\b(?:no|não|nao|non)\b (?:\w+ ){0,2}(?:funcion\w+|funzion\w+|conect\w+|connett\w+|naveg\w+|navig\w+|"
    r"responde?|risponde|carg\w+|carreg\w+|carica\w*|abre\w*|apr\w+|anda|va\b|consigo|puedo|pude|riesco|"
    r"tengo (?:\w+ )?internet|tenho (?:\w+ )?(?:internet|acesso)|hay (?:\w+ )?internet|há internet|ho "
    r"(?:\w+ )?internet)",
    r"\b(?:sin|sem|senza|niente|nada de|zero) (?:acces\w+ |acesso |conexi[óo]n |conexão )?(?:a "
    r")?(?:internet|rede|red|rete)\b",
    r"\bnada (?:responde|funciona|abre|carga|carrega)\b|\bn(?:inguna|enhuma|essuna) (?:p[áa]gina|pagina)\b",
    # Polish, Czech, Russian, Hungarian, Dutch, Nordic, Turkish
    r"\bnie (?:działa\w*|łączy|mam|można|mogę|otwiera\w*|ładuj\w*|odpowiada\w*|wchodz\w+)\b|\bbrak "
    r"(?:internetu|połączenia|dostępu|sieci)\b",
    r"\bne(?:funguje|funguj[íi]|jde|jede|načítá\w*|mohu|můžu|připoj\w+)\b|\b(?:žádný|bez|není) "
    r"(?:internetu?|připojení|spojení)\b",
    r"(?<!\w)не (?:работа\w+|открыва\w+|подключ\w+|груз\w+|пинг\w+|отвеча\w+|могу|видит|определя\w+|идут|"
    r"идет|идёт)|"
    r"(?<!\w)нет (?:интернет\w*|доступ\w*|соединени\w*|связи|сети|пинг\w*)|интернета? нет(?!\w)|ничего не",
    r"\bnincs (?:\w+ )?(?:internet\w*|net|kapcsolat)\b|\bnem (?:működik|megy|tölt\w*|csatlakozik|tudok|"
    r"válaszol)\b",
    r"\bgeen (?:internet|verbinding|netwerk)\b|\b(?:werkt|lukt|laadt|doet het) (?:\w+ )?niet\b",
    r"\b(?:inget|ingen|ikke|inte) (?:internet|internett|netværk|forbindelse|nät)\w*\b|\b(?:fungerar|"
    r"funkar|virker|fungerer) (?:inte|ikke)\b",
    r"\binternet yok\b|çalışmıyor|bağlanmıyor|açılmıyor",
    r"无法(?:上网|连接|访问)|上不了网|不能上网|沒有網路|没有网络|つながら|接続でき|동작하지|안 ?됩니다",
)
_COMPLAINT = re.compile("|".join(f"(?:{item})" for item in _COMPLAINTS), re.IGNORECASE)
_NOW = r"(?:now|again|fine|great|well|perfectly|properly|correctly|like a charm|out of the box)"
_SOLUTIONS = (
    r"\b(?:is|was|got|finally|now|issue|problem|all)\b.{0,15}\b(?:solved|fixed|resolved)\b|\bfixed (?:it|"
    r"that|this|by)\b|"
    r"\b(?:solved|resolved) (?:it|by|with|now|!)|\A\W*(?:solved|fixed|resolved)\b",
    rf"\bworks?(?: \w+)? {_NOW}\b|\bworking(?: \w+)? {_NOW}\b|\b(?:it|that|this|everything|all) (?:\w+ "
    r")?works\b|"
    r"\bnow (?:it |everything |all |that )?works?\b|\bfinally work\w*|\b(?:is|are) (?:now )?working\b|"
    r"\bworks!|"
    r"\bup and running\b|\b(?:did|does) the trick\b|\bover the (?:stick|modem|dongle)\b.{0,10}\bwrit|"
    r"\bwriting this (?:over|with|from|via)\b|"
    r"\b(?:am|are|is) online\b|\bit worked\b(?! fine| well| before| until| with)|\bworked (?:at once|"
    r"immediately|out of the box|spontaneously)",
    r"\bgelöst\b|\b(?:funktioniert|läuft|geht|klappt|tut)(?: \w+)? (?:jetzt|nun|wieder|prima|einwandfrei|"
    r"bestens|super|gut|problemlos|tadellos)\b|"
    r"\b(?:jetzt|nun|endlich) (?:funktioniert|läuft|geht|klappt)\b|\bhat (?:\S+ ){0,6}funktioniert\b",
    r"\brésolu\b|\b(?:ça|cela|tout|il) (?:marche|fonctionne)\b|\b(?:marche|fonctionne) (?:bien|"
    r"parfaitement|maintenant|nickel)\b",
    r"\b(?:solucionado|resuelto|arreglado|resolvido|risolto)\b|"
    r"\b(?:ya|ahora|agora|já|ora|adesso) (?:\w+ )?(?:funciona|funziona|conecta|anda|navego|va)\b|"
    r"\b(?:funciona|funziona) (?:bien|bem|bene|todo|tutto|perfect\w+|perfett\w+|perfeit\w+)|\bfuncionou\b",
    r"\brozwiązan\w+|\b(?:już|teraz) działa\b|\bdziała (?:dobrze|świetnie|poprawnie|bez)",
    r"\bvyřešen\w*|\b(?:už|teď|nyní) (?:funguje|jede)\b|\bfunguje (?:dobře|skvěle|bez problém\w+|výborně)",
    r"(?<!не )(?<!\w)(?:решено|решил\w*|заработал\w*)|(?<!\w)(?:теперь|вс[её]|уже) работает",
    r"\bmegold\w+|\b(?:már|most) működik\b|\bopgelost\b|\bwerkt (?:nu|weer|goed|prima|perfect)\b|"
    r"\b(?:löst|løst)\b",
)
_SOLVED = re.compile("|".join(f"(?:{item})" for item in _SOLUTIONS), re.IGNORECASE)
_SURE = re.compile(
    r"\bnow\b|solved|fixed|finally|jetzt|nun\b|endlich|gelöst|résolu|maintenant|resuelto|solucionado|"
    r"resolvido|"
    r"risolto|\bya\b|ahora|agora|\bora\b|rozwiązan|teraz|vyřešen|решен|теперь|заработал|megold|opgelost|"
    r"\bnu\b",
    re.IGNORECASE,
)
"""Of a solution: it is one of what was wrong, and no part that works."""
_OF_NET = re.compile(
    r"inter-?net|\bnet\b|\bpages?\b|\bsites?\b|web ?sites?|brows|surf|ping|download|google|firefox|"
    r"traffic|online|"
    r"\bnothing\b|connectivity|resolv|seiten?\b|\bnetz\b|nichts|\brien\b|navig|naveg|p[áa]gin|\bnada\b|"
    r"интернет|страниц|ничего|pripoj|připoj|strán|net\b|上网|网络|つながら",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"[\[(](?:solved|fixed|gelöst|erledigt|résolu|resuelto|solucionado|resolvido|risolto|решено|"
    r"rozwiązan[ey]|vyřešeno|opgelost)[\])]",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|should|would|could|hope\w*|until|unless|wish|might|wenn|falls|sollte|würde|ojalá|jeśli|"
    r"если|kdyby)\b|\?",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|nicht|pas|ne|no|não|non|nie|не|nem|niet|used to|before|previously|earlier|"
    r"was working|früher|avant|antes|prima|раньше)\b|n[’']t\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:windows|win ?(?:xp|7|10|11)|mac(?:os| ?book)?|phone|laptop|desktop|pc|other|another|friend\w*|"
    r"host|"
    r"notebook|handy|anderen?|autre|otro|outro|altro)\b|(?<!\w)(?:винд\w+|ноутбук\w*)",
    re.IGNORECASE,
)
"""Where it works is not where it does not."""
_PROGRAMS = (
    ("wvdial", r"(?<![/\w.])wvdial\b(?!\.conf)"),
    ("ppp", r"\bpppd\b|\bpon\b(?= \w)|\bchat scripts?\b"),
    ("ofono", r"\bofonod?\b|\bconnman(?:d|ctl)?\b|\blist-modems\b"),
    ("mm", r"\bmodem[- ]?manager\b|\bmmcli\b"),
    ("nm", r"\bnetwork[- ]?manager\b|\bnmcli\b|\bnm-applet\b"),
    ("netifd", r"\bnetifd\b|\bluci\b|\bproto(?:col)? (?:ncm|3g|qmi|mbim)\b"),
    ("qmi", r"\bqmicli\b|\bqmi-network\b|\bquectel-cm\b|\bmbimcli\b"),
    ("sakis3g", r"\bsakis ?3g\b"),
    ("umtskeeper", r"\bumtskeeper\b"),
    ("umtsmon", r"\bumtsmon\b"),
    ("gnome-ppp", r"\bgnome-ppp\b"),
    ("kppp", r"\bkppp\b"),
    ("hologram", r"\bhologram network\b"),
)
"""Who dials, and the words that name it."""
SCRIPTS = ("sakis3g", "umtskeeper", "umtsmon", "gnome-ppp", "kppp", "hologram")
"""Programs that have no reader here: their own output and log are asked for."""
_PROGRAM = re.compile(
    "|".join(f"(?P<p{number}>{said})" for number, (_n, said) in enumerate(_PROGRAMS)), re.IGNORECASE
)
_INSTALLS = re.compile(
    r"\b(?:apt|apt-get|aptitude|opkg|yum|dnf|pacman|zypper|emerge|apk|dpkg|rpm)\b|IMAGE_INSTALL|"
    r"\binstall\w*\b|\bpackages?\b",
    re.IGNORECASE,
)
_DISMISSED = re.compile(
    r"\b(?:instead of|in place of|rather than|without|replac\w+|(?:get|got|getting) rid of|stop\w*|"
    r"disabl\w+|remov\w+|"
    r"kill\w*|"
    r"uninstall\w*|purg\w+|unlike|ohne|statt|anstatt|sans|sin|sem|senza|bez|без|вместо)\b"
    r"(?: (?!(?:and|now|with|und|et|y|e)\b)\S+){0,4} ?\Z|"
    r"(?:n[’']?t|\bnot|\bnever) (?:us\w+|run\w*|want\w*|have|need|like)(?: \w+){0,3} ?\Z|\b(?:no|not) \Z|"
    r"\b(?:slow|old)\b(?: \S+){0,3} ?\Z",
    re.IGNORECASE,
)
"""Before the name of a program that is not wanted or not there."""
_GONE = re.compile(
    r"\A.{0,12}?\b(?:is|was|are|has been)?\s*(?:not (?:used|installed|running|present)|disabled|stopped|"
    r"removed|masked|"
    r"killed|uninstalled|off)\b|\A\S* (?:it |that )?(?:worked|works? (?:fine|well))\b",
    re.IGNORECASE,
)
_STORAGE = re.compile(
    r"\bmass[- ]?storage\b|\bstorage (?:mode|device)\b|\bcd-?(?:rom)?(?: drive)?\b|\busb (?:drive|stick|"
    r"flash)\b|\bflash drive\b|"
    r"\bzero-?cd\b|/dev/s(?:r\d|d[a-z])\b|\bas an? (?:\w+ )?(?:drive|disk|storage)\b|\blaufwerk\b|"
    r"\bmassenspeicher\b|"
    r"\bstockage(?: de masse)?\b|\b(?:unidad|unidade|lector) de (?:cd|disco|almacenamiento)\b|"
    r"\balmacenamiento\b|"
    r"\barmazenamento\b|\barchiviazione\b|\bnapęd\b|\bpamięć masow\w+|大容量|накопител\w+|флешк\w+|сидиром",
    re.IGNORECASE,
)
_STUCK = re.compile(
    r"\b(?:only|always|stuck|stays?|remains?|keeps?|just|instead|not as|never|recogni[sz]ed|detected|seen|"
    r"shows? up|"
    r"appears?|mounts?|comes? up|identif\w+|nur|immer|nie|erkannt|bleibt|reste|reconnu\w*|détecté\w*|comme|"
    r"reconoc\w+|detecta\w*|monta|aparece|reconhec\w+|como|visto|riconosciut\w+|resta|come|jako|wykryw\w+|"
    r"rozpoznaw\w+|widzian\w+)\b|определя\w+|видит\w*|как |被",
    re.IGNORECASE,
)
_STICK = re.compile(
    r"\b(?:stick|dongle|modem|huawei|surfstick|clé|clef|chiavetta|pendrive|klíčenka|E\d{3,4}\w?|K\d{4}|"
    r"MS\d{4})\b|модем|хуавей",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(r"(?:\bno longer|\bnot|n[’']?t|\bnicht mehr|\bne) (?:\S+ ){0,3}\Z", re.IGNORECASE)
_NO_STORAGE = re.compile(
    r"\bmicro ?sd\b|\bslot\b|\bsd ?card\b|\bat first\b|\bfirst\b|\bwas in\b|\binitially\b|\bswitch(?:es|"
    r"ed)\b|\bfixed\b|"
    r"\busing the\b|\busable\b|\bcan (?:also )?be used\b|==|modeswitch\.d|\bboot\w*\b.{0,12}\busb\b",
    re.IGNORECASE,
)
_ID = re.compile(r"(?:\b12d1:|(?<![\w:])0x)(?!12d1)([0-9a-f]{4})\b", re.IGNORECASE)
_BECAME = re.compile(
    r"->|=>|→|➜|\b(?:becomes?|became|turns?(?: it)? into|changes?|changed|switch(?:es|ed)?|goes from|now|"
    r"after(?:wards)?|then|"
    r"once|wird|wurde|jetzt|nun|danach|nach|passe|devient|maintenant|après|pasa|cambia|ahora|luego|"
    r"después|vira|"
    r"agora|depois|diventa|ora|dopo|zmienia|teraz|po|změní|teď|lesz)\b|(?<!\w)(?:стал\w*|становится|"
    r"теперь|после)",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"\A(?!(?:problem|issue|edit|update|question|now|result|symptom|note|frage|fehler|problème|problema|"
    r"solved|hi|hello): )"
    r"[a-z][\w.-]{1,20}: |\A\W*(?:dmesg|lsusb|ls|usb|option|pppd?|\$|#(?! ?[A-Z])|\[|<|/|Bus \d|"
    r"[\w.-]+\[\d+\]:|"
    r"[A-Z]+[_A-Z]*=|FATAL|ERROR|error:|warning:|-->|AT[+^]|\+C)"
)
"""How lines begin that programs wrote."""
_SPLIT = re.compile(
    r"(?<=[^\d.][.!?;])\s+|,? (?:but|however|although|though|aber|jedoch|pero|mas|mais|ma|но|ale|maar|"
    r"men)(?:,)? (?=\w)"
)
_WORD = re.compile(r"[一-鿿ぁ-ヿ가-힣]|[^\W\d_]{2,}")


class Says(NamedTuple):
    """What a line says in words."""

    complaint: bool = False
    """Something does not work, and nothing behind it in the line says that it does."""
    of_net: bool = False
    """It is the internet that does not: an address alone does not answer that."""
    solved: bool = False
    sure: bool = False
    """It works now, in so many words."""
    marked: bool = False
    """The whole text is marked as solved."""
    programs: tuple[str, ...] = ()
    """Who dials, as far as it is used."""
    dismissed: tuple[str, ...] = ()
    storage: bool = False
    """The stick shows itself as a drive and not as a modem."""
    became: str = ""
    """The product id that the stick has now."""


@functools.lru_cache(maxsize=512)
def said(text: str) -> Says:
    """What the line says; nothing for what no person wrote."""
    if len(_WORD.findall(text)) < 2:
        return Says()
    complaint = of_net = solved = sure = storage = False
    programs: list[str] = []
    dismissed: list[str] = []
    became = ""
    for clause in _SPLIT.split(text):
        if not clause:
            continue
        if _is_solution(clause):
            complaint, of_net, solved, storage = False, False, True, False
            sure = sure or _SURE.search(clause) is not None
        elif _COMPLAINT.search(clause) and not _UNREAL.search(clause.rstrip("?")):
            complaint, of_net, solved, sure = True, of_net or _OF_NET.search(clause) is not None, False, False
        storage = storage or _is_drive(clause, text)
        became = _id_now(clause) or became
        used, unused = _programs(clause)
        programs += used
        dismissed += unused
    marked = _MARKED.search(text) is not None
    if _BEGINS.match(text):
        return Says(became=became)
    return Says(complaint, of_net, solved, sure, marked, tuple(programs), tuple(dismissed), storage, became)


def _is_solution(clause: str) -> bool:
    match = _SOLVED.search(clause)
    if match is None or _UNREAL.search(clause) or _ELSEWHERE.search(clause):
        return False
    return _NEGATED.search(clause[: match.end()]) is None


def _is_drive(clause: str, text: str) -> bool:
    drive = _STORAGE.search(clause)
    return (
        drive is not None
        and _NO_LONGER.search(clause, 0, drive.start()) is None
        and _STUCK.search(clause) is not None
        and _STICK.search(text) is not None
        and not _NO_STORAGE.search(clause)
        and not _ELSEWHERE.search(clause)
    )


def _id_now(clause: str) -> str:
    """The id that a clause says the stick has come to, in small letters."""
    found = [match[1].lower() for match in _ID.finditer(clause)]
    if (
        not found
        or not _BECAME.search(clause)
        or _UNREAL.search(clause.rstrip("?"))
        or _ELSEWHERE.search(clause)
    ):
        return ""
    return "" if _NEGATED.search(clause) and len(found) == 1 else found[-1]


def _programs(clause: str) -> tuple[list[str], list[str]]:
    """Programs that the clause uses, and those that it says are not used."""
    used: list[str] = []
    unused: list[str] = []
    if _INSTALLS.search(clause):
        return used, unused
    for match in _PROGRAM.finditer(clause):
        name = next(name for number, (name, _said) in enumerate(_PROGRAMS) if match[f"p{number}"])
        before, after = clause[: match.start()], clause[match.end() :]
        gone = _DISMISSED.search(before) or _GONE.search(after)
        (unused if gone else used).append(name)
    return used, unused
