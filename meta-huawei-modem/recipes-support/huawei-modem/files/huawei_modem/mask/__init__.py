# SPDX-License-Identifier: MIT
"""Takes identities and secrets out of what leaves: the same value, the same token, in all of a capture.

Two ways, and the stronger one wherever there is structure:

- **Allowed, not merely not forbidden.** Files, tables and properties go out field by field, as far as an
  allow-list has them: `facts` (facts.json, `status`, `doctor`), `files` (configurations, udev, the kernel's
  command line), `at` (AT commands), and listing.py (D-Bus).
- **Patterns** for free text, which is logs: `patterns`, with the program that writes each form.

What was found once, by either way or by `system` (which looks where secrets lie), is masked wherever it
occurs again, in each spelling (`spelling`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem.mask.kinds import ADDRESS, NUMBER, SERIAL, TELEPHONE, TOKEN
from huawei_modem.text import lines as text_lines

if TYPE_CHECKING:
    from huawei_modem.mask.patterns import Forms
    from huawei_modem.mask.spelling import Hunter

_SEPARATORS = re.compile(r"[\s:._/-]")


class Masker:
    """Remembers what it has masked. Tokens are `[masked-N]`, numbered as they are found."""

    def __init__(self, forms: Forms | None = None) -> None:
        """`forms` are those that free text may have; None for those of the lines that leave a board."""
        self._forms = forms
        self._tokens: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._made: Hunter | None = None
        self._surveys = False
        """Whether values are only gathered: looking for them comes after."""
        self._harmless: set[str] = set()
        """Surveyed lines in which no form was found: none need be tried again."""

    @property
    def _hunter(self) -> Hunter:
        if self._made is None:
            # `status` seldom finds anything to look for.
            from huawei_modem.mask.spelling import Hunter

            self._made = Hunter()
        return self._made

    def __call__(self, text: str) -> str:
        """One line, or one value, of free text without identities and secrets."""
        from huawei_modem.mask import escaped

        said = escaped.read(text)
        if said != text and (shown := self._masked(said)) != said:
            # What only the escapes hid; they are not put back.
            return shown
        return self._masked(text)

    def _masked(self, text: str) -> str:
        if self._surveys:
            shown = self._by_form(text)
            if shown == text:
                self._harmless.add(text)
            return shown
        text = self._hunter.replace(text, self.token)
        known = len(self._hunter)
        text = self._by_form(text)
        if len(self._hunter) > known:
            # The line itself may hold again what it has just given away.
            text = self._hunter.replace(text, self.token)
        return text

    def _by_form(self, text: str) -> str:
        """`text` without what its form alone gives away."""
        # `status` seldom comes here: these two cost as much as all the rest of it.
        from huawei_modem.mask import at, patterns

        if text in self._harmless:
            return text
        forms = patterns.OF_BOARD if self._forms is None else self._forms
        return forms.mask(at.mask(text, self.token), self.token)

    def lines(self, text: str) -> Iterator[str]:
        """The lines of a log, masked: also what is a secret only by the line before it."""
        from huawei_modem.mask import across

        state = across.State()
        for line in text_lines(text):
            yield self(across.mask(line, state, self.token))

    def token(self, value: str, kind: str) -> str:
        """What stands for `value`, whatever it looks like; it is looked for everywhere from now on."""
        if TOKEN.fullmatch(value):
            return value
        if TOKEN.search(value) is None:
            self._hunter.add(value, kind)
        key = value.strip("\"' ").casefold()
        if kind in (ADDRESS, NUMBER, SERIAL, TELEPHONE):
            # One address with colons, with dashes or bare is one identity.
            key = _SEPARATORS.sub("", key).removeprefix("0x").lstrip("+")
        token = self._tokens.setdefault(key, f"[masked-{len(self._tokens) + 1}]")
        self._kinds.setdefault(token, kind)
        return token

    def learn(self, values: Iterable[tuple[str, str]]) -> None:
        """Values and their kinds that are to be masked wherever they occur. No token is given out yet."""
        for value, kind in values:
            self._hunter.add(value, kind)

    def spare(self, values: Iterable[str]) -> None:
        """Names of access points: public, and what one looks at first. They are not looked for as secrets."""
        for value in values:
            self._hunter.spare(value)

    @property
    def spared(self) -> frozenset[str]:
        """What `spare` was given, in small letters."""
        return self._made.spared if self._made is not None else frozenset()

    def survey(self, texts: Iterable[str]) -> None:
        """Looks through all texts of a capture before the first is written: a secret that the last one gives
        away is masked in the first one too."""
        self._surveys = True
        for text in texts:
            for _line in self.lines(text):
                pass
        self._surveys = False

    @property
    def knows(self) -> bool:
        """Whether there are values that are looked for, also in what looks harmless."""
        return self._made is not None and len(self._made) > 0

    @property
    def count(self) -> int:
        """How many different values were masked."""
        return len(self._tokens)

    @property
    def kinds(self) -> dict[str, str]:
        """Each token with the kind of what it stands for."""
        return dict(self._kinds)
