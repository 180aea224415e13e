# SPDX-License-Identifier: MIT
"""Which kas files, command lines, environments and overlays a request makes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from modem_image.errors import InputError
from modem_image.yocto import plan
from modem_image.yocto.account import Account

ACCOUNT = Account("builder", 1001, 1001, (1001,), "/home/builder")


@pytest.fixture
def kas(tmp_path: Path) -> Path:
    """A folder of kas files: two machines, one of them for two releases, two options."""
    for name in (
        "scarthgap/base.yml",
        "scarthgap/colibri-imx7-emmc.yml",
        "scarthgap/qemuarm.yml",
        "kirkstone/qemuarm.yml",
        "opt/kernel-6.12.yml",
        "opt/nxp-bsp.yml",
        "opt/sbom.yml",
        "opt/sbom.lock.yml",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def test_options_follow_the_target_in_their_order_and_once(kas: Path) -> None:
    request = plan.Request("colibri-imx7-emmc", options=("sbom", "nxp-bsp", "sbom"))
    names = [str(path.relative_to(kas)) for path in plan.config_files(request, kas)]
    assert names == ["scarthgap/colibri-imx7-emmc.yml", "opt/sbom.yml", "opt/nxp-bsp.yml"]


def test_another_release_has_its_own_folder(kas: Path) -> None:
    assert plan.config_files(plan.Request("qemuarm", "kirkstone"), kas) == (
        kas / "kirkstone" / "qemuarm.yml",
    )


def test_a_target_that_a_release_lacks_is_refused_with_the_releases_that_have_it(kas: Path) -> None:
    with pytest.raises(InputError, match="not built with wrynose; --release can be: kirkstone, scarthgap"):
        plan.config_files(plan.Request("qemuarm", "wrynose"), kas)


def test_an_unknown_option_is_refused_with_the_nearest_and_all(kas: Path) -> None:
    said = r"no option is called 'nxpbsp'; nearest: nxp-bsp; there is: kernel-6\.12, nxp-bsp, sbom$"
    with pytest.raises(InputError, match=said):
        plan.config_files(plan.Request("qemuarm", options=("nxpbsp",)), kas)


def test_nothing_near_is_no_advice(kas: Path) -> None:
    with pytest.raises(InputError, match=r"no option is called 'x'; there is: kernel-6\.12, nxp-bsp, sbom$"):
        plan.config_files(plan.Request("qemuarm", options=("x",)), kas)


def test_a_teams_own_file_is_an_option_like_ours(kas: Path) -> None:
    (kas / "opt" / "team.yml").touch()
    files = plan.config_files(plan.Request("colibri-imx7-emmc", options=("nxp-bsp", "team")), kas)
    assert files[1:] == (kas / "opt" / "nxp-bsp.yml", kas / "opt" / "team.yml")


@pytest.mark.parametrize(
    ("target", "release", "options", "said"),
    [
        (
            "colibri-imx7-emmc",
            "scarthgap",
            ("nxp-bsp", "sbom", "kernel-6.12"),
            "--opt nxp-bsp and kernel-6.12: one build has only one of kernel-6.12, nxp-bsp, preempt-rt; "
            "keep one of them",
        ),
        ("qemuarm", "scarthgap", ("nxp-bsp",), "--opt nxp-bsp changes nothing for qemuarm"),
        (
            "qemuarm",
            "wrynose",
            ("sbom",),
            "--opt sbom is not there with wrynose; it is for kirkstone, scarthgap",
        ),
    ],
)
def test_options_that_would_be_without_effect_are_refused(
    kas: Path, target: str, release: str, options: tuple[str, ...], said: str
) -> None:
    (kas / "wrynose").mkdir()
    (kas / "wrynose" / "qemuarm.yml").touch()
    with pytest.raises(InputError, match=re.escape(said)):
        plan.config_files(plan.Request(target, release, options), kas)


def test_an_option_that_changes_nothing_is_refused_with_all_that_is_wrong() -> None:
    assert len(plan.option_faults("qemuarm", "wrynose", ["kernel-6.12", "nxp-bsp", "sbom"])) == 5


def test_a_lock_file_is_no_option(kas: Path) -> None:
    with pytest.raises(InputError, match=r"no option is called 'sbom\.lock'"):
        plan.config_files(plan.Request("qemuarm", options=("sbom.lock",)), kas)


FILES = (Path("/k/a.yml"), Path("/k/opt/b.yml"))


@pytest.mark.parametrize(
    ("request_", "command"),
    [
        (plan.Request("qemuarm"), "/v/python -m kas build /k/a.yml:/k/opt/b.yml"),
        (plan.Request("qemuarm", dry_run=True), "/v/python -m kas build /k/a.yml:/k/opt/b.yml -- --graphviz"),
        (
            plan.Request("qemuarm", provenance=True),
            "/v/python -m kas build --provenance true /k/a.yml:/k/opt/b.yml",
        ),
    ],
)
def test_the_command_of_a_request(request_: plan.Request, command: str) -> None:
    assert plan.kas_build(Path("/v/python"), request_, FILES) == command.split()


def test_the_environment_lets_nothing_replace_what_the_kas_files_say() -> None:
    inherited = {
        "PATH": "/usr/bin",
        "https_proxy": "http://proxy.example:3128",
        "DL_DIR": "/srv/downloads",
        "HOME": "/root",
        "KAS_MACHINE": "qemux86-64",
        "KAS_TASK": "fetch",
        "KAS_WORK_DIR": "/elsewhere",
        "PYTHONPATH": "/elsewhere",
        "TMPDIR": "/elsewhere",
    }
    folders = plan.Folders(Path("/w"), "scarthgap", "qemuarm")
    assert plan.environment(folders, ACCOUNT, inherited) == {
        "PATH": "/usr/bin",
        "https_proxy": "http://proxy.example:3128",
        "DL_DIR": "/srv/downloads",
        "SSTATE_DIR": "/w/sstate-cache",
        "BB_HASHSERVE_DB_DIR": "/w/sstate-cache",
        "HOME": "/home/builder",
        "USER": "builder",
        "LOGNAME": "builder",
        "GITCONFIG_FILE": "/w/scarthgap/gitconfig",
        "KAS_BUILD_DIR": "/w/scarthgap/build-qemuarm",
        "KAS_CLONE_DEPTH": "1",
        "KAS_WORK_DIR": "/w/scarthgap",
        "PYTHONNOUSERSITE": "1",
    }


def test_shared_state_of_the_user_is_his_own_affair() -> None:
    folders = plan.Folders(Path("/w"), "scarthgap", "qemuarm")
    made = plan.environment(folders, None, {"SSTATE_DIR": "/net/sstate"})
    assert made["SSTATE_DIR"] == "/net/sstate"
    assert "BB_HASHSERVE_DB_DIR" not in made


def test_without_another_user_home_stays() -> None:
    folders = plan.Folders(Path("/w"), "scarthgap", "qemuarm")
    assert plan.environment(folders, None, {"HOME": "/home/me"})["HOME"] == "/home/me"


def git_says(config: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "config", "--file", config, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_git_reads_its_configuration_as_it_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "gitconfig"
    clone = Path('/m/a "quoted" \\ clone.git')
    own = "[http]\n\tproxy = http://proxy.example:3128"
    path.write_text(plan.git_config([Path("/p/with; sign")], {"https://host.example/x.git": clone}, own))
    assert git_says(path, "http.proxy") == "http://proxy.example:3128"
    assert git_says(path, "safe.directory") == "/p/with; sign"
    assert git_says(path, f"url.{clone.as_uri()}.insteadOf") == "https://host.example/x.git"


def test_the_overlay_masks_just_the_named_recipes() -> None:
    document = json.loads(plan.overlay(["linux-x_mainline.bb", "g++-y.bb"], None))
    lines = document["local_conf_header"]["modem-image-offline"].splitlines()
    assert lines[0] == 'BB_NO_NETWORK = "1"'
    patterns = [line.removeprefix('BBMASK += "').removesuffix('"') for line in lines[1:]]
    assert [bool(re.search(pattern, "/l/recipes/linux-x_mainline.bb")) for pattern in patterns] == [
        True,
        False,
    ]
    assert [bool(re.search(pattern, "/l/recipes/g++-y.bb")) for pattern in patterns] == [False, True]
    for other in ("/l/linux-x_mainline.bbappend", "/l/my-linux-x_mainline.bb", "/l/linux-x_mainlinezbb"):
        assert not any(re.search(pattern, other) for pattern in patterns)


def test_the_overlay_has_only_what_is_asked_for() -> None:
    assert json.loads(plan.overlay(None, "tmp/*.tar")) == {
        "header": {"version": 16},
        "artifacts": {"image": "tmp/*.tar"},
    }
