# SPDX-License-Identifier: MIT
"""A page as its text."""

from __future__ import annotations

from html.parser import HTMLParser


class Outline(HTMLParser):
    """The text of a page, indented by its lists; checks that every element is closed in its turn."""

    VOID = ("meta", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.lines: list[str] = []
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.linked += [
            value or "" for name, value in attrs if name in ("href", "src", "style") or name[:2] == "on"
        ]
        if tag in ("script", "link", "iframe", "img", "object"):
            self.linked.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and "ul" in self.open:
            self.lines.append(f"{self.open.count('ul')} {data.strip()}")


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    assert parsed.open == []
    return parsed
