# SPDX-License-Identifier: MIT
"""A script, code or settings beside a log: nobody said what stands in them."""

from __future__ import annotations

import pytest

from huawei_modem.transcript import source
from huawei_modem.transcript.messages import of
from unit.transcript.test_corpus import diagnosed, history, told
from unit.transcript.test_mention import errors, messages
from unit.transcript.test_messages import ROWS, sample

WRITTEN = (
    "ABORT '{}'",
    'REPORT "{}"',
    'if strings.Contains(answer, "{}") {{',
    "        if b'{}' in answer:",
    '    return errors.New("{}")',
    '            log.error("{}")',
    "raise SimError('{}')",
    '  if grep -q "{}" /var/log/messages; then',
    '  *"{}"*) exit 1 ;;',
    'echo "{}" >> /var/log/modem.log',
    '    message: "{}"',
    'Description="{}"',
    '    state = self.ask("{}")',
    '#define TEXT "{}";',
    "except Failure('{}'):",
)
SAID = (
    "it says {}",
    "Error: {}",
    "{}",
    "dialer[123]: {}",
)
SENTENCES = (
    "if I plug it in, there is no internet",
    "for two days the connection drops every hour; before that it was fine",
    "while it is registered, no internet (ping fails)",
    "return code 8 and no internet connection",
    "Connected for a minute, then no internet",
    "OK, the modem is there, but no internet",
    "try again: still no internet",
    "echo: no internet",
    "export of the log below, there is no internet",
    "The AT+CPIN? command says ERROR, no SIM",
    "Then AT+CREG? shows 0,2",
    'It says "no carrier";',
    "for $20 a month I get no internet",
)


@pytest.mark.parametrize("form", WRITTEN)
def test_what_is_written_is_not_what_was_said(form: str) -> None:
    for text in messages().values():
        line = form.format(text)
        assert source.is_written(line), line
        if "'" not in text and '"' not in text:
            assert errors(f"{line}\n") == [], line
            assert not history(f"{line}\n").claims, line


@pytest.mark.parametrize("form", SAID)
def test_what_was_said_is_heard(form: str) -> None:
    assert [text for text in messages().values() if source.is_written(form.format(text))] == []


def test_no_message_is_written() -> None:
    texts = {sample(row.text).strip() for row in ROWS if row.meaning != "-"}
    assert [text for text in texts if source.is_written(text)] == []
    assert of("chat")


@pytest.mark.parametrize("line", SENTENCES)
def test_a_sentence_is_heard(line: str) -> None:
    assert not source.is_written(line)


SCRIPT = """ABORT 'NO CARRIER'
ABORT ERROR
''
ATZ
OK
AT+CGDCONT=1,"IP","internet"
OK
ATD*99#
CONNECT
''
"""
DIALOGUE = "ATZ\nOK\nATD*99#\nNO CARRIER\n"


def test_a_script_of_single_strings_is_no_dialogue() -> None:
    assert not history(SCRIPT).parts
    assert told(diagnosed(SCRIPT + "\nThe terminal shows\n" + DIALOGUE)) == ["error dial-failed"]
    assert told(diagnosed(DIALOGUE)) == ["error dial-failed"]


@pytest.mark.parametrize("between", ["\n\n", "\n> "])
def test_a_script_is_one_however_it_was_pasted(between: str) -> None:
    assert not history(between.join(SCRIPT.splitlines())).parts
