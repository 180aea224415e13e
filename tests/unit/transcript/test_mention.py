# SPDX-License-Identifier: MIT
"""What only speaks of an error is none: a question, a manual, a condition, code, a search, another stick."""

from __future__ import annotations

import functools

import pytest

from huawei_modem.report import Severity
from huawei_modem.transcript import clause
from huawei_modem.transcript.topics import TOPICS
from unit.transcript.test_corpus import diagnosed
from unit.transcript.test_messages import ROWS, sample

FORMS = (
    'What does "{}" mean on such a board?',
    "The manual says that the program prints {} when it cannot open the port.",
    'If you see "{}" in your log, check the cable first.',
    'I never see "{}" in my log.',
    'There is no "{}" in the output.',
    "On my other stick it said {}, but that is another story.",
    "Use `{}` as the text to search for.",
    "# grep '{}' /var/log/messages",
    '$ logread | grep -i "{}"',
    'ABORT "{}"',
    '    printf("{}\\n");',
    '    fix a wrong "{}" in the log when the port is closed',
    "It returns {} sometimes on older firmware, I read.",
    "- {}: see section 4 of the guide",
)
TOLD = (
    'I get "{}" each time.',
    "Now it always says {}",
    "and then I still see {}",
    "Error: {}",
    "When I dial, it ends with {}",
)


PROGRAMS = ("at", "chat", "modemmanager", "ofono", "ppp", "tools", "wvdial")


@functools.cache
def messages() -> dict[str, str]:
    """A message of each code, of those that say an error where they stand alone on a terminal."""
    found: dict[str, str] = {}
    for row in ROWS:
        code = row.meaning.partition(":")[0]
        if row.program in PROGRAMS and code in TOPICS and code not in found and code[0] not in "=~-":
            text = sample(row.text).strip()
            if errors(text):
                found[code] = text
    return found


def errors(text: str) -> list[str]:
    return [item.code for item in diagnosed(text).findings if item.severity is Severity.ERROR]


@pytest.mark.parametrize("form", FORMS)
def test_a_line_that_speaks_of_an_error_raises_none(form: str) -> None:
    raised = {code: errors(f"Hello,\n\n{form.format(text)}\n") for code, text in messages().items()}
    assert len(raised) >= 15
    assert {code: found for code, found in raised.items() if found} == {}


@pytest.mark.parametrize("form", TOLD)
def test_who_has_an_error_is_heard(form: str) -> None:
    assert [text for text in messages().values() if clause.only_mentions(form.format(text))] == []


def test_no_message_is_taken_for_talk() -> None:
    texts = {sample(row.text).strip() for row in ROWS if row.meaning != "-"}
    assert [text for text in texts if clause.only_mentions(text)] == []


@pytest.mark.parametrize("line", ["What does the modem mean by that?", "It is broken, my modem."])
def test_what_only_speaks_ends_a_list_as_any_other_line_does(line: str) -> None:
    listed = f"root@board:~# /usr/lib/ofono/test/list-contexts\n[ /huawei_0 ]\n{line}\n"
    assert errors(listed) == ["ofono-no-context"]
