# SPDX-License-Identifier: MIT
"""How people say that something does not work, and that it does now: the words of some 15 languages."""

from __future__ import annotations

import re
from typing import NamedTuple


class Words(NamedTuple):
    """An expression, and pieces of words of which any text that it matches has one: cheap to look for."""

    pieces: tuple[str, ...]
    pattern: re.Pattern[str]

    def search(self, clause: str, low: str) -> re.Match[str] | None:
        """Where the clause matches; `low` is it in small letters between blanks."""
        for piece in self.pieces:
            if piece in low:
                return self.pattern.search(clause)
        return None


def pieces_of(pieces: str) -> tuple[str, ...]:
    """The pieces of a list of them; in a piece, _ is a blank."""
    return tuple(piece.replace("_", " ") for piece in pieces.split())


def words_of(pieces: str, pattern: str) -> Words:
    """Pieces as in `pieces_of`, and an expression without regard to case."""
    return Words(pieces_of(pieces), re.compile(pattern, re.IGNORECASE))


CONTRACTED = r"(?:n[’']t|\b(?:do|does|did|is|are|was|were|ca|wo|has|have|could)nt)\b"
"""Not, behind a verb: no word that ends in nt (point, client) is one."""
_NET = r"(?:inter-?net|network|web ?sites?|(?:web ?)?pages?|browser|google|the web)"
COMPLAINTS = (
    # English
    words_of(
        "n't n’t _not never cannot unable impossible fail _no_ nothing nobody without _any_ lack lost "
        "down dead hang "
        "time stop quit broken dont doesnt cant wont isnt",
        rf"\b(?:no|without|any|lacks?|lost) (?:\w+ )?(?:{_NET}|data|connectivity|traffic)\b(?! interface| "
        r"port| card)"
        "|"
        r"(?:\b(?:not|never|cannot|unable to|impossible to|fails? to|failed to|nothing|nobody|no longer)\b|"
        rf"{CONTRACTED})"
        r"(?! (?:only|yet)\b).{0,30}\b(?:work\w*|brows\w+|surf\w*|ping\w*|reach\w*|load\w*|open\w*|resolv\w+|"
        r"download\w*|connect\w*|dial\w*|get online|go online|answer\w*|respond\w*|access\w*)\b"
        "|"
        rf"\bno (?:{_NET}|site) (?:opens|loads|works|answers|responds)\b|\bno (?:reply|answer|response)s?\b"
        "|"
        r"\bnothing (?:loads|works|opens|answers|responds|goes|happens|comes)\b"
        "|"
        rf"\b(?:{_NET}|ping|downloads?|dns|connections?)\b.{{0,25}}(?:\b(?:not|never|down|dead|hangs?|fails?|"
        rf"times? out|timeouts?)\b|{CONTRACTED})"
        "|"
        r"\b(?:stops?|stopped|quit) working\b|\b(?:is|was|are) broken\b|\bdead\b.{0,10}\b(?:connection|"
        r"link)\b"
        "|"
        r"\bserver not found\b",
    ),
    # German
    words_of(
        "kein nicht nichts nie nimmer",
        r"\bkein\w* (?:\w+ )?(?:internet\w*|verbindung|netz\w*|seiten?|daten|ping|zugriff|antwort)\b|"
        r"\bnichts "
        r"geht\b"
        "|"
        r"\b(?:funktionier\w+|geht|klappt|läuft|lädt|laden|antwortet|reagiert|erreichbar|tut|surfen|pingen|"
        r"öffnen)\b"
        r".{0,25}\b(?:nicht|nichts|nimmer|nie)\b|\b(?:nicht|nichts|nie)\b.{0,25}\b(?:funktionier\w+|"
        r"erreichbar|ins (?:internet|netz)|surfen|laden|öffnen|pingen|verbinden)\b",
    ),
    # French
    words_of(
        "pas rien plus aucun sans impossible ne_ n' n’",
        r"\bpas d[’']?e? ?(?:acc[èe]s|internet|connexion|connection|réseau|réponse)|\bsans (?:acc[èe]s|"
        r"internet)\b"
        "|"
        r"\b(?:ne|n[’'])\s?(?:\w+\s){0,2}\w+ (?:pas|rien|plus|aucun\w*)\b|\bne (?:marche|fonctionne) (?:pas|"
        r"plus)\b|"
        r"\b(?:marche|fonctionne) (?:pas|plus)\b|\baucune? (?:pages?|site|accès|réponse|connexion)\b|"
        r"\brien ne\b|"
        r"\bimpossible de (?:se connecter|naviguer|ping\w*|surfer|charger)",
    ),
    # Spanish, Portuguese, Italian
    words_of(
        "_no_ _não _nao _non_ sin_ sem_ senza niente nada zero ninguna nenhuma nessuna",
        r"\b(?:no|não|nao|non)\b (?:\w+ ){0,2}(?:funcion\w+|funzion\w+|conect\w+|connett\w+|naveg\w+|"
        r"navig\w+|"
        r"responde?|risponde|carg\w+|carreg\w+|carica\w*|abre\w*|apr\w+|anda|va\b|consigo|puedo|pude|riesco|"
        r"tengo (?:\w+ )?internet|tenho (?:\w+ )?(?:internet|acesso)|hay (?:\w+ )?internet|há internet|ho "
        r"(?:\w+ )?internet)"
        "|"
        r"\b(?:sin|sem|senza|niente|nada de|zero) (?:acces\w+ |acesso |conexi[óo]n |conexão )?(?:a "
        r")?(?:internet|rede|red|rete)\b"
        "|"
        r"\bnada (?:responde|funciona|abre|carga|carrega)\b|\bn(?:inguna|enhuma|essuna) (?:p[áa]gina|"
        r"pagina)\b",
    ),
    # others
    words_of(
        "nie_ brak _ne žádný bez_ není не_ нет ничего nincs nem_ geen niet inget ingen ikke inte yok "
        "mıyor 无法 不 没 沒 つながら 接続 동작 안",
        r"\bnie (?:działa\w*|łączy|mam|można|mogę|otwiera\w*|ładuj\w*|odpowiada\w*|wchodz\w+)\b|\bbrak "
        r"(?:internetu|połączenia|dostępu|sieci)\b"
        "|"
        r"\bne(?:funguje|funguj[íi]|jde|jede|načítá\w*|mohu|můžu|připoj\w+)\b|\b(?:žádný|bez|není) "
        r"(?:internetu?|připojení|spojení)\b"
        "|"
        r"(?<!\w)не (?:работа\w+|открыва\w+|подключ\w+|груз\w+|пинг\w+|отвеча\w+|могу|видит|определя\w+|идут|"
        r"идет|идёт)|"
        r"(?<!\w)нет (?:интернет\w*|доступ\w*|соединени\w*|связи|сети|пинг\w*)|интернета? нет(?!\w)|ничего не"
        "|"
        r"\bnincs (?:\w+ )?(?:internet\w*|net|kapcsolat)\b|\bnem (?:működik|megy|tölt\w*|csatlakozik|tudok|"
        r"válaszol)\b"
        "|"
        r"\bgeen (?:internet|verbinding|netwerk)\b|\b(?:werkt|lukt|laadt|doet het) (?:\w+ )?niet\b"
        "|"
        r"\b(?:inget|ingen|ikke|inte) (?:internet|internett|netværk|forbindelse|nät)\w*\b|\b(?:fungerar|"
        r"funkar|virker|fungerer) (?:inte|ikke)\b"
        "|"
        r"\binternet yok\b|çalışmıyor|bağlanmıyor|açılmıyor"
        "|"
        r"无法(?:上网|连接|访问)|上不了网|不能上网|沒有網路|没有网络|つながら|接続でき|동작하지|안 ?됩니다",
    ),
)
"""What does not work, by language."""
_NOW = r"(?:now|again|fine|great|well|perfectly|properly|correctly|like a charm|out of the box)"
_SOLUTIONS = (
    r"\b(?:is|was|got|finally|now|issue|problem|all)\b.{0,15}\b(?:solved|fixed|resolved)\b|\bfixed (?:it|"
    r"that|this|by)\b|"
    r"\b(?:solved|resolved) (?:it|by|with|now|!)|\A\W*(?:(?:edit|update)\b\W*)?(?:solved|fixed|resolved)\b|"
    r"\b(?:could|can|was able to|managed to) (?:fix|solve|resolve) (?:it|this|that)\b(?! if\b)|"
    r"\b(?:clos(?:ing|ed)|mark(?:ed|ing))\b.{0,12}\bsolved\b|\bRESOLVED FIXED\b|\bFix Released\b",
    r"\b(?:got|managed to get) (?:it|that|this|them|everything|all) (?:\w+ )?"
    r"(?:working|to work|going|running)\b|"
    r"\b(?:and|yes|yep|ok(?:ay)?|great),? (?:that|it|this) (?:\w+ )?worked\b"
    r"(?! (?:fine|well|before|until|on)\b)|"
    r"(?<!\bI )(?<!\bwe )\bdid it[.!]|\A\W*(?:oh,? )?(?:never ?mind|nvm)\b|\bsorted (?:now|it|out)\b|"
    r"\b(?:problem|issue|all) sorted\b",
    rf"\bworks?(?: \w+)? {_NOW}\b|\bworking(?: \w+)? {_NOW}\b|"
    r"\A\W*that works\b|\b(?:it|this|everything|all(?! that)) (?:\w+ "
    r")?works\b|"
    r"\bnow (?:it |everything |all |that )?works?\b|\bfinally (?:work|connect|dial|regist)\w*|"
    r"\bconfirm(?:ed)? (?:it )?(?:is )?working\b|\b(?:is|are) (?:now )?working\b|"
    r"\bworks!|"
    r"\bup and running\b|\b(?:did|does|was) (?:the|a) trick\b|"
    r"\bnow (?:it |the |my |that |this )?(?:\w+ )?(?:is|gets?|got|was) (?:\w+ )?(?:detected|"
    r"recogni[sz]ed|found|listed|seen)\b|"
    r"\b(?:is|gets?|got) (?:detected|recogni[sz]ed|found|listed|seen) (?:now|correctly)\b|\bnow (?:it |"
    r"the \w+ )?(?:appears|shows up)\b|\A\W*working now\b|"
    r"\bthat did it\b|\bpresto\b|\bover the (?:stick|"
    r"modem|dongle)\b.{0,10}\bwrit|"
    r"\bwriting this (?:over|with|from|via)\b|"
    r"\b(?:am|are|is|'m|’m) (?:\w+ ){0,2}(?:and )?(?:back )?online\b|\ball (?:is )?(?:good|well|"
    r"fine) now\b|\bonline (?:again|now)\b|\bworked (?:at once|"
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
SOLVED = words_of(
    "work solv fix trick detect recogni _found _seen listed appears shows_up did_it presto got_ "
    "released mind nvm sort finally "
    "online running writ good_now well_now fine_now funktion läuft geht klappt tut_ gelöst "
    "résolu march "
    "fonction solucion "
    "resuelt arregl resolv risolt funcio funzio conecta anda naveg va_ rozwi działa vyřeš fung jede реш "
    "работа "
    "megold műkö opgel werkt löst løst",
    "|".join(f"(?:{item})" for item in _SOLUTIONS),
)
