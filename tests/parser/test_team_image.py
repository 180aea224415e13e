# SPDX-License-Identifier: MIT
"""What the classes do to an image of a team's own, and when it is done again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import bb
import pytest

from parser.bitbake import FEATURE, LAYER, Open, Parser
from unit.check.images import module_files, zimage


def image_of_a_team(opened: Parser) -> Any:
    """An image recipe of another layer, with the classes that every image of the build inherits."""
    classes = opened.data.getVar("IMAGE_CLASSES")
    return opened.stand_in("team-image.bb", f"inherit core-image {classes}\n")


@pytest.mark.parametrize(
    ("variable", "function"),
    [
        ("HUAWEI_MODEM_AUTHORIZED_KEYS", "huawei_modem_install_keys"),
        ("HUAWEI_MODEM_CONFIG", "huawei_modem_install_config"),
    ],
)
@pytest.mark.parametrize("path", ["", "/team/file"])
def test_a_teams_file_is_installed_into_its_own_image_and_watched(
    bitbake: Open, variable: str, function: str, path: str
) -> None:
    data = image_of_a_team(bitbake(DISTRO_FEATURES=FEATURE, **({variable: path} if path else {})))
    commands = data.getVar("ROOTFS_POSTPROCESS_COMMAND").replace(";", " ").split()
    assert (function in commands) == bool(path)
    assert commands[-1] == "huawei_modem_check_login"
    watched = (data.getVarFlag("do_rootfs", "file-checksums") or "").split()
    code = {f"{LAYER}/lib/huawei_modem_config/{name}.py:True" for name in ("login", "modes")}
    assert set(watched) - code == ({f"{path}:True"} if path else set())
    assert path in data.getVar(function)


def watched_files(bitbake: Open, task: str) -> set[Path]:
    """The layer's files whose content is a part of the task's signature."""
    data = image_of_a_team(bitbake(DISTRO_FEATURES=FEATURE, HUAWEI_MODEM_CONFIG="/team/config.ini"))
    words = [word.removesuffix(":True") for word in data.getVarFlag(task, "file-checksums").split()]
    ours = [word.removeprefix(f"{LAYER}/") for word in words if word.startswith(f"{LAYER}/")]
    return {path for pattern in ours for path in LAYER.glob(pattern)}


def test_an_image_is_checked_again_by_a_check_that_changed(bitbake: Open) -> None:
    assert watched_files(bitbake, "do_huawei_modem_image_check") == set(
        (LAYER / "lib/huawei_modem_check").rglob("*.py")
    )


def test_a_root_file_system_is_made_again_by_code_that_changed(bitbake: Open) -> None:
    """What the import itself finds; rules.py is the sanity check's alone."""
    script = """
import sys
from huawei_modem_config import login, modes
print(*[each.__file__ for name, each in sys.modules.items() if name.startswith("huawei_modem_config.")])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": f"{LAYER}/lib"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert watched_files(bitbake, "do_rootfs") == set(map(Path, done.stdout.split()))


def checked(data: Any, rootfs: Path, kernel: Path) -> None:
    """What do_huawei_modem_image_check does with a root file system."""
    arguments = ["--kernel", str(kernel)]
    call = "huawei_modem_run_check(d, rootfs, 'rootfs', arguments)"
    bb.utils.better_eval(call, {"d": data, "rootfs": str(rootfs), "arguments": arguments})


def test_one_finding_of_the_check_can_be_accepted(
    bitbake: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rootfs, kernel = tmp_path / "rootfs", tmp_path / "zImage"
    for name, content in {**module_files(), **module_files("6.1.0-older")}.items():
        path = rootfs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    kernel.write_bytes(zimage())
    data = image_of_a_team(bitbake(DISTRO_FEATURES=FEATURE, WORKDIR=str(tmp_path)))
    data.setVar("PATH", os.environ["PATH"])
    with pytest.raises(bb.BBHandledException):
        checked(data, rootfs, kernel)
    assert "modules-stale: " in caplog.text
    data.setVar("HUAWEI_MODEM_IMAGE_ACCEPTED", "modules-mismatch modules-stale")
    checked(data, rootfs, kernel)
    # What cannot be read is not what was accepted, though the report of the last check lay there.
    kernel.write_bytes(b"")
    with pytest.raises(bb.BBHandledException):
        checked(data, rootfs, kernel)
