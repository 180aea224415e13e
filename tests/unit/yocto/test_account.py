# SPDX-License-Identifier: MIT
"""Who may run kas, and as whom."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from modem_image.errors import EXIT_MISSING, EXIT_UNUSABLE, UserError
from modem_image.yocto import account
from modem_image.yocto.account import Runner, account_for, check_user

ROOT, ME = 0, 1000


@pytest.mark.parametrize(
    ("name", "caller", "status", "said"),
    [
        (None, ROOT, EXIT_MISSING, "bitbake refuses to run as root\n  do: add --user NAME"),
        ("root", ROOT, EXIT_UNUSABLE, "all rights of root"),
        ("-x", ROOT, EXIT_UNUSABLE, "no name for a user"),
        ("a b", ROOT, EXIT_UNUSABLE, "no name for a user"),
        ("x" * 33, ROOT, EXIT_UNUSABLE, "no name for a user"),
        ("nobody", ME, EXIT_UNUSABLE, "only root can run kas as another user"),
        ("not-there-yet", ME, EXIT_UNUSABLE, "only root can run kas as another user"),
    ],
)
def test_who_cannot_run_kas_is_told_why(name: str | None, caller: int, status: int, said: str) -> None:
    with pytest.raises(UserError, match=said) as caught:
        check_user(name, caller)
    assert caught.value.exit_status == status


def test_a_user_runs_kas_as_himself_named_or_not() -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    assert account_for(None, ME) is None
    assert account_for("nobody", nobody) is None


def test_root_runs_kas_as_the_user_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "run", lambda command: pytest.fail(f"runs {command}"))
    found = account_for("nobody", ROOT)
    assert found is not None
    assert (found.name, found.user) == ("nobody", pwd.getpwnam("nobody").pw_uid)
    assert found.group in found.groups


def test_a_missing_user_is_made_and_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(account, "run", ran.append)
    with pytest.raises(UserError, match="does not know it"):
        account_for("not-there-yet", ROOT)
    assert ran == [["useradd", "--create-home", "--shell", "/bin/bash", "not-there-yet"]]


def test_a_runner_says_what_failed(tmp_path: Path) -> None:
    runner = Runner(None, os.environ)
    with pytest.raises(UserError, match=r"^cat \S+missing failed:\n +cat: .*No such file"):
        runner.output(["cat", tmp_path / "missing"])


def test_a_runner_writes_files(tmp_path: Path) -> None:
    Runner(None, os.environ).write(tmp_path / "file", "a\nb\n")
    assert (tmp_path / "file").read_text() == "a\nb\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_has_no_right_of_root() -> None:
    nobody = account_for("nobody", ROOT)
    assert nobody is not None
    status = Runner(nobody, os.environ).output(["cat", "/proc/self/status"])
    fields = {line.partition(":")[0]: line.split()[1:] for line in status.splitlines()}
    assert fields["Uid"] == [str(nobody.user)] * 4
    assert fields["Gid"] == [str(nobody.group)] * 4
    assert set(fields["Groups"]) == {str(group) for group in nobody.groups}
    assert int(fields["CapEff"][0], 16) == 0
