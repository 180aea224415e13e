# SPDX-License-Identifier: MIT
"""A log that was masked is judged as it was before: what is taken out is not what a fault is told by.

The texts are the doctor's corpus, which was collected for another purpose.
"""

from __future__ import annotations

import pytest

from huawei_modem.mask import Masker
from huawei_modem.transcript import doctor
from unit.transcript.test_corpus import DATABASE, cases

TEXTS = {str(case.id): str(case.values[0]["text"]) for case in cases()}
# The name of such an interface is the stick's address, and a token is no name of an interface.
NAMED_BY_ADDRESS = ("enx0200005e1001",)


def codes(text: str) -> list[str]:
    found = doctor.report(doctor.read([("text", text.splitlines())]), "text", DATABASE).findings
    return [finding.code for finding in found]


def test_there_are_texts_enough() -> None:
    assert len(TEXTS) > 300


@pytest.mark.parametrize(
    "name", [name for name in TEXTS if not any(part in name for part in NAMED_BY_ADDRESS)]
)
def test_a_masked_log_is_judged_as_it_was(name: str) -> None:
    assert codes("\n".join(Masker().lines(TEXTS[name]))) == codes(TEXTS[name])
