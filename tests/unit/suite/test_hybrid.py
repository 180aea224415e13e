# SPDX-License-Identifier: MIT
"""What is said of a hybrid build is read from it: a task that failed has a log too, but no stamp."""

from __future__ import annotations

import re
from pathlib import Path

from stacks.hybrid_build import LAYER, SOURCES, Made, made

ARM = "cortexa7t2hf-neon-poky-linux-gnueabi"
HASH = "0" * 64


def test_a_recipe_is_checked_when_the_check_has_its_stamp(tmp_path: Path) -> None:
    """A log alone is what a failed task leaves; sigdata is written before a task runs."""
    for name, stamps in (
        ("failed/1.0", [f"1.0.do_compile.{HASH}", f"1.0.do_package_qa.sigdata.{HASH}"]),
        ("passed/1.0", [f"1.0.do_package_qa.{HASH}"]),
        ("restored/1.0", [f"1.0.do_package_qa_setscene.{HASH}"]),
        ("unpacked/1.0", [f"1.0.do_package_qa.{HASH}"]),
        ("other/1.0", [f"1.0.1.do_package_qa.{HASH}"]),
    ):
        work = tmp_path / "work" / ARM / name
        (work / "temp").mkdir(parents=True)
        (work / "temp" / "log.do_package_qa").touch()
        folder = tmp_path / "stamps" / ARM / work.parent.name
        folder.mkdir(parents=True)
        for stamp in stamps:
            (folder / stamp).touch()
    (tmp_path / "work" / ARM / "restored/1.0/debian").mkdir()
    # wrynose's UNPACKDIR
    (tmp_path / "work" / ARM / "unpacked/1.0/sources/debian").mkdir(parents=True)
    (tmp_path / "work" / "x86_64-linux/tool-native/1").mkdir(parents=True)
    assert made(tmp_path) == [
        Made("failed", "1.0", "unfinished"),
        Made("other", "1.0", "unfinished"),
        Made("passed", "1.0", "compiled"),
        Made("restored", "1.0", "wrapped"),
        Made("unpacked", "1.0", "wrapped"),
    ]


def test_every_tar_that_the_layer_names_can_be_made() -> None:
    paths = [path for path in LAYER.rglob("*") if path.suffix in (".conf", ".bbappend")]
    text = "\n".join(path.read_text() for path in paths)
    kernels = re.findall('^HYBRID_KERNEL = "(.*)"$', text, re.MULTILINE)
    tars = re.findall(r"([\w.${}-]+)\.tar(?!\.)", text)
    named = {tar.replace("${HYBRID_KERNEL}", kernel) for tar in tars for kernel in kernels}
    assert named == set(SOURCES)
