# SPDX-License-Identifier: MIT
"""The doctor over text: one call from sources to a report."""

from __future__ import annotations

from collections.abc import Iterable

from huawei_modem.database import Database
from huawei_modem.report import Report
from huawei_modem.transcript import summary
from huawei_modem.transcript.diagnose import diagnose
from huawei_modem.transcript.model import History
from huawei_modem.transcript.readers import new_reader

Sources = Iterable[tuple[str, Iterable[str]]]
"""Name and lines of each text, in the order in which they are to be read."""


def read(sources: Sources) -> History:
    """Everything that is known from the sources. Each may be a stream: it is read once."""
    reader = new_reader()
    for name, lines in sources:
        reader.feed(name, lines)
    return reader.history


def report(history: History, subject: str, database: Database) -> Report:
    """The findings over what was read."""
    return Report("doctor", subject, diagnose(history, database), summary.facts(history))
