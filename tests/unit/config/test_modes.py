# SPDX-License-Identifier: MIT
"""[mode …] of a build's config.ini: the file of usb_modeswitch that `make install MODES=` would put there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from huawei_modem_config.files import config_faults
from huawei_modem_config.modes import chosen, file_of, install, mode_faults
from modem_image import HELPER

SOURCE = HELPER / "modeswitch"
FILES = [path.name for path in SOURCE.iterdir()]
ACCESS = "[apn default]\napn = internet.example\npassword = Geheim-77\n"


def test_the_file_is_the_one_that_make_installs(tmp_path: Path) -> None:
    written = install(ACCESS + "[mode 12d1:1f01]\nuse = modem-e3372h\n", SOURCE, tmp_path / "ours")
    make = ["make", "-s", "-C", HELPER, "install-modeswitch", f"DESTDIR={tmp_path}/make"]
    subprocess.run([*make, "MODES=12d1:1f01=modem-e3372h"], check=True, capture_output=True)
    theirs = tmp_path / "make/etc/usb_modeswitch.d/12d1:1f01"
    assert [path.name for path in written] == ["12d1:1f01"]
    assert written[0].read_bytes() == theirs.read_bytes()
    assert written[0].stat().st_mode == theirs.stat().st_mode


def test_the_first_word_is_enough_where_there_is_one() -> None:
    assert file_of("12d1:15c1", "ports", FILES) == "12d1-15c1.ports"
    assert file_of("12d1:1f01", "modem", ["12d1-1f01.modem-e3372h"]) == "12d1-1f01.modem-e3372h"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[mode 12d1:1f01]\nuse = modem\n", "may be modem-e3372h or modem-ms2131: say which"),
        ("[mode 12d1:1f01]\nuse = mbim\n", "there is modem-e3372h, modem-ms2131"),
        ("[mode 12d1:1506]\nuse = modem\n", "no other mode for that id"),
    ],
)
def test_what_there_is_not_is_refused_before_anything_is_written(
    tmp_path: Path, section: str, said: str
) -> None:
    text = ACCESS + "[mode 12d1:15c1]\nuse = ports\n" + section
    assert config_faults(text) == []
    (fault,) = mode_faults(text, FILES)
    assert said in fault
    assert "Geheim" not in fault
    with pytest.raises(ValueError, match="mode 12d1"):
        install(text, SOURCE, tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "section",
    [
        "[mode]\nuse = modem\n",
        "[mode 12d1]\nuse = modem\n",
        "[mode 12D1:1F01]\nuse = modem\n",
        "[mode 12d1:1f01]\nuse = ../../../etc/shadow\n",
        "[mode 12d1:1f01]\n",
        "[mode 12d1:1f01]\nmode = modem\n",
        "[mode 12d1:1f01/../x]\nuse = modem\n",
    ],
)
def test_a_section_that_cannot_be_meant_is_a_fault(section: str) -> None:
    assert config_faults(ACCESS + section)


def test_sections_of_others_choose_nothing() -> None:
    assert chosen(ACCESS + "[sim]\nroaming = no\n") == {}
