# SPDX-License-Identifier: MIT
"""Release notes: a changelog's section as HTML, and the short text that Easy Installer shows in its dialog.

Markdown is anybody's: markdown-it-py renders it (CommonMark, no HTML of its own let through), and nh3, which
is Rust's ammonia, lets only a few tags out of what comes of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from huawei_modem.report import Report
from huawei_modem.text import plain
from modem_image.check.page import html_environment
from modem_image.errors import InputError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_HEADING = re.compile(r"^## +(?P<version>\S+).*$", re.MULTILINE)
_ITEM = re.compile(r"^[-*] (.+(?:\n  +.+)*)", re.MULTILINE)
_TAGS = frozenset(
    ("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em")
).union(("strong", "a", "table", "thead", "tbody", "tr", "th", "td", "del"))
_DIALOG_TAGS = frozenset(("code", "em", "strong"))
_DIALOG_ITEMS, _DIALOG_LETTERS = 8, 160
_LONGEST_SECTION = 1 << 17
"""Characters. Notes have a tenth of that; the worst, a paragraph every other line, takes 80 MiB to render."""


@functools.cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # here, and nh3 below: for the one command that renders notes

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def changelog_section(changelog: str, version: str) -> str:
    """What stands under the heading (`## 1.2.0`) of `version` in a changelog; Markdown.

    A version that it does not name has what stands under its first heading; without any, all of it. Raises
    InputError where that is longer than notes are.
    """
    section = _under_heading(changelog, version)
    if len(section) > _LONGEST_SECTION:
        raise InputError(
            f"--changelog: {len(section)} characters for {version}, and {_LONGEST_SECTION} are the most that "
            "is read here\n  do: begin the notes of each version with a line `## VERSION`"
        )
    return section


def _under_heading(changelog: str, version: str) -> str:
    headings = list(_HEADING.finditer(changelog))
    if not headings:
        return changelog.strip()
    chosen = next((item for item in headings if item["version"].strip("[]v") == version), headings[0])
    following = [item.start() for item in headings if item.start() > chosen.start()]
    return changelog[chosen.end() : following[0] if following else None].strip()


def to_html(markdown: str) -> Markup:
    """HTML of a Markdown text, with links to elsewhere and nothing that is loaded from there."""
    import nh3

    return Markup(  # noqa: S704  what nh3 lets out is safe
        nh3.clean(
            plain(_markdown().render(markdown)),
            tags=set(_TAGS),
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


def installer_notes(
    version: str, section: str, changed: Sequence[str], report: Report, layers: Mapping[str, str]
) -> str:
    """HTML that Qt's text widget shows: no styles, no links, and no more than its dialog has room for.

    The items of the changelog's section, or without one the lines of what changed.
    """
    items = [" ".join(item.split()) for item in _ITEM.findall(section)]
    shown = [_inline(item) for item in items] or [Markup.escape(line) for line in changed]
    template = html_environment().get_template("installer-notes.html.j2")
    return template.render(
        version=version,
        items=shown[:_DIALOG_ITEMS],
        more=max(0, len(shown) - _DIALOG_ITEMS),
        report=report,
        layers=layers,
    )


def _inline(item: str) -> Markup:
    text = item if len(item) <= _DIALOG_LETTERS else f"{item[:_DIALOG_LETTERS].rpartition(' ')[0]} …"
    import nh3

    rendered = plain(_markdown().renderInline(text))
    return Markup(nh3.clean(rendered, tags=set(_DIALOG_TAGS), attributes={}))  # noqa: S704  as above
