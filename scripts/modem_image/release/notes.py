# SPDX-License-Identifier: MIT
"""Release notes: a page for people, and the short one that Easy Installer shows in its dialog."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from huawei_modem.report import Report
from modem_image.check.page import html_environment

_HEADING = re.compile(r"^## (?P<version>\S+).*$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")
_ITEM = re.compile(r"^- (.+(?:\n  .+)*)", re.MULTILINE)


def _with_code(text: str) -> Markup:
    """A changelog is Markdown, of which what stands in backticks is shown as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped just now


def changelog_items(changelog: str, version: str) -> list[str]:
    """The list under the heading of `version` in a changelog, each item in one line.

    A version that the changelog does not name has the items of its newest heading.
    """
    headings = list(_HEADING.finditer(changelog))
    if not headings:
        return []
    chosen = next((item for item in headings if item["version"].strip("[]v") == version), headings[0])
    following = [item.start() for item in headings if item.start() > chosen.start()]
    section = changelog[chosen.end() : following[0] if following else None]
    return [" ".join(item.split()) for item in _ITEM.findall(section)]


def installer_notes(version: str, items: Sequence[str], report: Report, layers: Mapping[str, str]) -> str:
    """HTML that Qt's text widget shows: no styles, no links."""
    template = html_environment().get_template("installer-notes.html.j2")
    return template.render(
        version=version, items=[_with_code(item) for item in items], report=report, layers=layers
    )


def release_page(
    version: str, items: Sequence[str], reports: Mapping[str, Report], layers: Mapping[str, str], base: str
) -> str:
    """The page of a release. `reports` by the images' folders; `base` is the way to them, with its slash."""
    template = html_environment().get_template("release.html.j2")
    marked = [_with_code(item) for item in items]
    return template.render(version=version, items=marked, reports=reports, layers=layers, base=base)
