# SPDX-License-Identifier: MIT
"""The edges of a build: folders, the lock, kas's answers, an interruption, what is handed out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from huawei_modem.outputs import Target
from modem_image.errors import EXIT_FAULT, EXIT_OK, InputError, MissingError
from modem_image.yocto import overrides, plan, run
from modem_image.yocto.account import Runner, account_for
from unit.check.images import image_files, tar
from unit.yocto.clones import new_repository
from unit.yocto.test_artefacts import IMAGE, MACHINE, STAMPED, deploy, sums_match

pytestmark = pytest.mark.slow

RUNNER = Runner(None, os.environ)
PROJECT = Path(__file__).parents[3]


def test_the_folders_are_made(tmp_path: Path) -> None:
    folders = plan.Folders(tmp_path / "a" / "b", "scarthgap", "qemuarm")
    run.prepare_folders(folders, None, RUNNER)
    assert folders.layers.is_dir()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file/b: cannot be made: Not a directory"):
        run.prepare_folders(plan.Folders(tmp_path / "file" / "b", "scarthgap", "qemuarm"), None, RUNNER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_users_work_is_left_alone(tmp_path: Path) -> None:
    nobody = account_for("nobody", 0)
    with pytest.raises(InputError, match="run this as the same user as before"):
        run.prepare_folders(
            plan.Folders(tmp_path, "scarthgap", "qemuarm"), nobody, Runner(nobody, os.environ)
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_out_of_reach_is_named(tmp_path: Path) -> None:
    """pytest keeps its folders to its own user, as /root is."""
    tmp_path.chmod(0o700)
    nobody = account_for("nobody", 0)
    with pytest.raises(MissingError, match="out of reach for nobody"):
        run.prepare_folders(
            plan.Folders(tmp_path / "b", "scarthgap", "qemuarm"), nobody, Runner(nobody, os.environ)
        )


def test_a_second_build_of_one_folder_is_refused(tmp_path: Path) -> None:
    with (
        run.only_one(tmp_path),
        pytest.raises(InputError, match="another build works there"),
        run.only_one(tmp_path),
    ):
        pytest.fail("both run")
    with run.only_one(tmp_path):
        pass


def fake_kas(folder: Path, script: str) -> run.Kas:
    """A kas of our own, in the place of `python -m kas`."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return run.Kas(path, (folder / "a.yml",), RUNNER)


def test_kas_own_words_reach_the_user(tmp_path: Path) -> None:
    script = "echo 'x - INFO     - started' >&2; echo 'x - ERROR    - include not found: b.yml' >&2; exit 1"
    with pytest.raises(InputError) as caught:
        run.configuration(fake_kas(tmp_path, script))
    assert str(caught.value) == ("kas refuses its files (a.yml):\n  x - ERROR    - include not found: b.yml")


@pytest.fixture
def setting(tmp_path: Path) -> run.Setting:
    return run.Setting(tmp_path / "work", tmp_path / "out", mirror=tmp_path / "mirror")


def test_with_a_mirror_kas_gets_views_and_stays_offline(tmp_path: Path, setting: run.Setting) -> None:
    poky = new_repository(tmp_path / "mirror" / "someone+poky")
    (poky / "linux-x_mainline.bb").write_text('SRCREV = "${AUTOREV}"\n')
    subprocess.run(["git", "-C", poky, "add", "."], check=True)
    subprocess.run(
        ["git", "-C", poky, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "x"],
        check=True,
    )
    dump = {
        "machine": "qemuarm",
        "target": IMAGE,
        "repos": {"poky": {"url": "https://git.example/poky", "branch": "scarthgap"}},
    }
    kas = fake_kas(tmp_path, f"cat <<'END'\n{json.dumps(dump)}\nEND")
    folders = plan.Folders(setting.root, "scarthgap", "qemuarm")
    run.prepare_folders(folders, None, RUNNER)
    offline = run.prepare(kas, folders, setting, plan.Request("qemuarm"))
    assert offline.files == (*kas.files, setting.output / "overlay.json")
    assert "linux-x_mainline" in offline.files[-1].read_text()
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(folders.git_config)}
    listed = subprocess.run(
        ["git", "ls-remote", "https://git.example/poky"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.split()[1::2] == ["HEAD", "refs/heads/scarthgap"]


def test_a_mirror_that_lacks_something_leaves_no_half_views(tmp_path: Path, setting: run.Setting) -> None:
    new_repository(tmp_path / "mirror" / "poky")
    dump = {
        "repos": {
            "poky": {"url": "https://git.example/poky", "branch": "scarthgap"},
            "oe": {"url": "https://git.example/oe", "branch": "scarthgap"},
        }
    }
    kas = fake_kas(tmp_path, f"cat <<'END'\n{json.dumps(dump)}\nEND")
    folders = plan.Folders(setting.root, "scarthgap", "qemuarm")
    run.prepare_folders(folders, None, RUNNER)
    with pytest.raises(MissingError, match=r"https://git\.example/oe: no clone"):
        run.prepare(kas, folders, setting, plan.Request("qemuarm"))
    assert not folders.views.exists()
    assert not setting.output.exists()


def test_an_interruption_waits_for_kas_to_end(tmp_path: Path) -> None:
    """A signal to this process alone is passed on, and kas has time to end bitbake in order."""
    kas = tmp_path / "kas"
    kas.write_text(
        f"""#!{sys.executable}
import pathlib, signal, sys, time
def end(*_):
    time.sleep(0.2)
    pathlib.Path("ended").touch()
    sys.exit(1)
signal.signal(signal.SIGTERM, end)
pathlib.Path("started").touch()
time.sleep(60)
"""
    )
    kas.chmod(0o755)

    def interrupt() -> None:
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        run.run_kas([str(kas)], tmp_path, RUNNER, grace=0.1)
    assert (tmp_path / "ended").exists()


def test_an_interrupted_kas_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have written a new local.conf before it ended, and nobody has changed that by hand."""
    folders = plan.Folders(tmp_path, "scarthgap", "qemuarm")
    conf = folders.build / "conf"
    conf.mkdir(parents=True)
    local = conf / "local.conf"

    def kas(command: list[str], folder: Path, runner: Runner) -> int:
        local.write_text(command[0])
        if command[0] == "interrupted":
            raise KeyboardInterrupt
        return 0

    monkeypatch.setattr(run, "run_kas", kas)
    assert run.run_stamped(["first"], folders, RUNNER) == 0
    assert (conf / overrides.STAMP).exists()
    with pytest.raises(KeyboardInterrupt):
        run.run_stamped(["interrupted"], folders, RUNNER)
    overrides.check_overrides(folders.build)


def test_kas_exit_status_is_kept(tmp_path: Path) -> None:
    assert run.run_kas(["sh", "-c", "exit 2"], tmp_path, RUNNER) == 2


DUMPED = json.dumps({"machine": MACHINE, "target": IMAGE})


def built(folder: Path, files: dict[str, bytes]) -> Path:
    """A build folder with an Easy Installer image of these files."""
    images = deploy(folder, MACHINE, {})
    (images / f"{STAMPED}-Tezi_5.0.15.tar").write_bytes(
        tar({f"image-Tezi_5.0.15/{name}": content for name, content in files.items()})
    )
    return folder


def test_a_right_image_is_checked_and_handed_out(tmp_path: Path) -> None:
    setting = run.Setting(
        tmp_path, tmp_path / "out", json=Target(tmp_path / "report.json", "modem-image build --json")
    )
    assert run.deliver(MACHINE, built(tmp_path / "b", image_files()), DUMPED, setting) == EXIT_OK
    assert sums_match(setting.output)
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "ok"


def test_a_wrong_image_is_not_handed_out(tmp_path: Path) -> None:
    """Its kernel finds no modules."""
    setting = run.Setting(tmp_path, tmp_path / "out")
    assert run.deliver(MACHINE, built(tmp_path / "b", image_files(rootfs={})), DUMPED, setting) == EXIT_FAULT
    assert not setting.output.exists()


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["colibri-imx7-emm"], 2, "nearest: colibri-imx7-emmc, colibri-imx7; there is: bench, "),
        (["--opt", "sbom", "qemuarm"], 2, "put the target first: modem-image build qemuarm --opt sbom\n"),
        (["qemuarm", "--opt", "colibri-imx7"], 2, "colibri-imx7 is a target"),
        (["colibri-imx7", "--release", "wrynos"], 2, "no release is called 'wrynos'; nearest: wrynose; "),
        (["colibri-imx7", "--release", "wrynose"], 2, "is not built with wrynose; --release can be: "),
        (["qemuarm", "--opt", "sbon"], 2, "no option is called 'sbon'; nearest: sbom; "),
        (["qemuarm", "--stick", "ms2372h"], 2, "qemuarm has no --stick"),
        (["bench", "--dry-run"], 2, "bench has no --dry-run"),
        (["qemuarm", "--dry-run", "--provenance"], 2, "leave one out"),
        (["qemuarm", "--dry-run", "--json", "-"], 2, "leave one out"),
        (["qemuarm", "--user", "root"], 2, "bitbake refuses root"),
        (["qemuarm", "--user", "nobody", "--mirror", "/nonexistent"], 2, "/nonexistent: cannot be read"),
    ],
)
def test_bad_usage_ends_with_a_message(arguments: list[str], status: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "modem-image", "build", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="for root")
def test_root_is_told_what_to_do_and_all_else_that_is_wrong(tmp_path: Path) -> None:
    command = [sys.executable, PROJECT / "scripts" / "modem-image", "build", "qemuarm"]
    done = subprocess.run(
        [*command, "--mirror", "/nonexistent", "--work-dir", tmp_path / "a b"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "add --user NAME" in done.stderr
    assert "--mirror /nonexistent: cannot be read" in done.stderr
    assert f"{tmp_path}/a b: bitbake refuses a path with ' '" in done.stderr


def test_the_bench_loads_nothing_of_this() -> None:
    """`build` for the bench starts as quickly as before: kas, mirror and preflight are not imported."""
    script = (
        "import sys; from modem_image.cli.dispatch import command_parser; command_parser('build');"
        "print([name for name in sys.modules if name.startswith('modem_image.yocto.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT / "scripts",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(
        [f"modem_image.yocto.{name}" for name in ("account", "plan", "arguments", "artefacts")]
    )
