# SPDX-License-Identifier: MIT
"""What is said of a listing beside the database: known, new, contradicting."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from modem_image.sticks.recording.entry import AGREES, CONTRADICTS, NEW, OPEN, Judgement, judged
from modem_image.sticks.recording.stick import recorded
from unit.sticks.known import DATABASE
from unit.sticks.test_kinds import devices, text_of


def judgements(text: str) -> list[Judgement]:
    return judged(recorded("any", devices(text), DATABASE), DATABASE)


def test_another_layout_of_an_id_of_many_models_is_new_and_no_contradiction() -> None:
    text = text_of("e173-hisilicon-1506").replace("Prot=03", "Prot=13")
    (found,) = judgements(text)
    assert found.kind == NEW
    assert "nearest is" in found.text


def test_a_layout_of_an_id_of_one_model_contradicts() -> None:
    text = text_of("15d5-e303-movistar").replace(
        "Sub=02 Prot=03 Driver=option", "Sub=02 Prot=13 Driver=option"
    )
    assert CONTRADICTS in [item.kind for item in judgements(text)]


def test_the_subclass_depends_on_who_switched_it() -> None:
    text = text_of("e3372s-153-15b6-ff02").replace("Sub=02", "Sub=03")
    agreeing = [item.text for item in judgements(text) if item.kind == AGREES]
    assert len(agreeing) == 1
    assert "who switched it" in agreeing[0]


def test_a_listing_that_was_cut_contradicts_nothing() -> None:
    lines = text_of("e3372s-153-15b6-ff02").splitlines()
    text = "\n".join(line for line in lines if not re.match(r"I:.*If#= [234]", line))
    assert {item.kind for item in judgements(text)} == {AGREES}


@pytest.mark.parametrize(
    ("driver", "kinds"),
    [
        ("cdc_wdm", set()),
        ("qmi_wwan", set()),
        ("huawei_ether", {OPEN}),
        ("(none)", {OPEN}),
        ("option", {CONTRADICTS}),
    ],
)
def test_a_driver_that_differs(driver: str, kinds: set[str]) -> None:
    text = text_of("k4510-14cb").replace("Driver=cdc_wdm", f"Driver={driver}")
    assert {item.kind for item in judgements(text)} - {AGREES} == kinds


def test_another_number_of_drives_is_no_contradiction() -> None:
    """ubuntuforums.org, three threads: 12d1:140c with two drives, where others have one."""
    text = text_of("140c-5-interfaces").replace("#Ifs= 5", "#Ifs= 6")
    drive = next(line for line in text.splitlines() if "Cls=08" in line)
    found = judgements(f"{text}\n{drive.replace('If#= 4', 'If#= 5')}\n")
    assert [item.kind for item in found] == [NEW]
    assert "e173 in configuration 1 with other drives: interface 5 is 08/06/50" in found[0].text


def test_what_contradicts_is_compared_with_the_same_configuration() -> None:
    """1f1e: a drive in configuration 1, MBIM in 2. MBIM with an interface less is no changed drive."""
    (listed,) = devices(text_of("1f1e-vodafone"))
    drive, mbim = listed.configurations
    less = replace(mbim, count=1, settings=mbim.settings[:1], filled=())
    (judgement,) = (
        one
        for one in judged(
            recorded("less", [replace(listed, configurations=(drive, less))], DATABASE), DATABASE
        )
        if "configuration 2" in one.text
    )
    assert "08/06/50" not in judgement.text
