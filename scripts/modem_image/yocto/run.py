# SPDX-License-Identifier: MIT
"""From a request to an image: look, fetch, build with kas, check, hand out."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from huawei_modem.outputs import Target
from huawei_modem.report import Verdict
from huawei_modem_check.image import check_image
from modem_image import PROJECT
from modem_image.access import check_writable, make_folder
from modem_image.cache import Cache
from modem_image.cli.output import print_report, write_json
from modem_image.console import say, step
from modem_image.errors import EXIT_OK, FaultError, InputError, MissingError, check_all
from modem_image.files import write_atomic
from modem_image.yocto import artefacts, failure, graph, mirror, overrides, plan, preflight, weights
from modem_image.yocto.account import Account, Runner, account_for, check_user
from modem_image.yocto.kas import KIND, kas_python
from modem_image.yocto.repositories import check_checkouts, check_network, repositories

KAS_FILES = PROJECT / "kas"
# Not the user's cache: the one who runs kas must reach it.
CACHE = PROJECT / "build" / "cache"
# Seconds that kas has to end bitbake after an interruption.
_PATIENCE = 60.0


@dataclass(frozen=True)
class Setting:
    """Where and as whom a request is carried out, and what with.

    kas works below `root` as `user`; the image goes to `output` and its report, as JSON, to `json`.
    """

    root: Path
    output: Path
    user: str | None = None
    mirror: Path | None = None
    json: Target | None = None


@dataclass(frozen=True)
class Kas:
    """kas, ready to be started."""

    python: Path
    files: tuple[Path, ...]
    runner: Runner


def build(request: plan.Request, setting: Setting) -> int:
    """Carry out `request`. Exit status 0 only when every step passed.

    Raises UserError of the kind that says which step did not, and why.
    """
    files = plan.config_files(request, KAS_FILES)
    folders = plan.Folders(setting.root, request.release, request.target)
    caller = os.geteuid()
    with step("look at this machine"):
        examine(request, setting, folders, caller)
    account = account_for(setting.user, caller)
    runner = Runner(account, plan.environment(folders, account, os.environ))
    prepare_folders(folders, account, runner)
    with only_one(folders.layers):
        python = kas_python(Cache(CACHE), preflight.PYTHON)
        check_access(python, "-x", runner)
        overrides.check_overrides(folders.build)
        kas = prepare(Kas(python, files, runner), folders, setting, request)
        runner.output(["rm", "-f", *(folders.build / name for name in graph.FILES)])
        since = time.time()
        status = run_stamped(plan.kas_build(kas.python, request, kas.files), folders, runner)
        if status:
            raise FaultError(failure.explain(folders.build, since))
        if request.dry_run:
            made = graph.read(folders.build, machine_and_image(configuration(kas))[1])
            say(
                f"{request.target}: every step passed; a build from nothing has {len(made.tasks)} tasks "
                f"of {len(made.recipes)} recipes; nothing was built"
            )
            sys.stdout.write(weights.summary(made))
            return EXIT_OK
        return deliver(request.target, folders.build, configuration(kas), setting)


def examine(request: plan.Request, setting: Setting, folders: plan.Folders, caller: int) -> None:
    """See that all is here; root installs what is not. Raises UserError that names all that is wrong."""
    built_before = any(folders.build.glob("tmp*/deploy/images/*"))
    host = preflight.look(setting.root)
    wanted = preflight.needs(request.dry_run, built_before)
    check_all(
        lambda: check_user(setting.user, caller),
        lambda: None if setting.mirror is None else mirror.clones(setting.mirror),
        lambda: check_writable(CACHE / KIND),
        lambda: check_writable(setting.output),
        lambda: None if request.dry_run else artefacts.refuse_others(setting.output),
        lambda: preflight.refuse(host, setting.root, wanted, caller),
    )
    preflight.mend(host)


def prepare_folders(folders: plan.Folders, account: Account | None, runner: Runner) -> None:
    """Make the work folder, owned by the one who runs kas, and see that all can be reached.

    Raises InputError when another user's work lies there, MissingError when the user cannot reach it.
    """
    owner = os.geteuid() if account is None else account.user
    try:
        if not folders.root.exists():
            folders.root.mkdir(parents=True)
            if account is not None:
                os.chown(folders.root, account.user, account.group)
    except OSError as error:
        raise InputError(f"{folders.root}: cannot be made: {error.strerror}") from error
    for folder in (folders.root, folders.layers):
        if folder.exists() and folder.stat().st_uid != owner:
            raise InputError(
                f"{folder}: belongs to user id {folder.stat().st_uid}, and kas would run as {owner}\n"
                "  do: run this as the same user as before, or give another folder with --work-dir DIR"
            )
    check_access(folders.root, "-w", runner)
    check_access(PROJECT, "-r", runner)
    runner.output(["mkdir", "-p", folders.layers])


def check_access(path: Path, access: str, runner: Runner) -> None:
    """Raises MissingError when `runner` has not the access `-r`, `-w` or `-x` to `path`."""
    if runner.run(["test", access, path]).returncode:
        name = "you" if runner.account is None else runner.account.name
        raise MissingError(
            f"{path}: out of reach for {name}, who runs kas\n"
            "  do: move this project (or --work-dir) to where every user may read, such as /srv or /opt"
        )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Raises InputError when another run of this command works in `folder`."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise InputError(f"{folder}: another build works there; wait for its end") from error
    finally:
        os.close(handle)


def prepare(kas: Kas, folders: plan.Folders, setting: Setting, request: plan.Request) -> Kas:
    """Everything between the machine and kas: the git configuration, the mirror, clean checkouts.

    With a mirror, or for an attestation, the result has one kas file more.
    """
    own = os.environ.get("GITCONFIG_FILE")
    git_config = Path(own).read_text(errors="replace") if own and Path(own).is_file() else ""
    kas.runner.write(folders.git_config, plan.git_config([PROJECT], {}, git_config))
    dumped = configuration(kas)
    found = repositories(dumped)
    check_checkouts(found, folders.layers, kas.runner)
    masked = None
    if setting.mirror is None:
        with step("ask the hosts of the layers"):
            check_network(found, with_git_config(kas.runner, folders.git_config))
    else:
        with step("look into the mirror"):
            sources = mirror.find_sources(setting.mirror, found, kas.runner)
            views = {
                each.repository.url: mirror.make_view(each, folders.views, kas.runner) for each in sources
            }
            masked = [name for each in sources for name in mirror.unparsable_recipes(each, kas.runner)]
        kas.runner.write(folders.git_config, plan.git_config([PROJECT], views, git_config))
    artefact = artefacts.attested(*machine_and_image(dumped)) if request.provenance else None
    if masked is None and artefact is None:
        return kas
    # Beside the project's own kas files: kas wants all of them from one repository.
    overlay = setting.output / "overlay.json"
    make_folder(setting.output)
    write_atomic(overlay, plan.overlay(masked, artefact).encode())
    return replace(kas, files=(*kas.files, overlay))


def machine_and_image(dumped: str) -> tuple[str, str]:
    """The machine and the image recipe of a merged configuration."""
    document = json.loads(dumped)
    return str(document["machine"]), str(document["target"])


def with_git_config(runner: Runner, path: Path) -> Runner:
    """A runner whose git reads `path`, as kas's git will."""
    return replace(
        runner, environment={**runner.environment, "GIT_CONFIG_GLOBAL": str(path), "GIT_TERMINAL_PROMPT": "0"}
    )


def configuration(kas: Kas) -> str:
    """The merged configuration as JSON. Raises InputError with kas's own words when a file is wrong."""
    done = kas.runner.run(plan.kas_dump(kas.python, kas.files))
    if done.returncode:
        lines = done.stderr.decode(errors="replace").splitlines()
        errors = [line for line in lines if " ERROR " in line] or lines[-5:]
        names = ", ".join(path.name for path in kas.files)
        raise InputError("\n  ".join([f"kas refuses its files ({names}):", *errors]))
    return done.stdout.decode()


def run_stamped(command: list[str], folders: plan.Folders, runner: Runner) -> int:
    """As `run_kas`, and the local.conf that kas leaves is told from one that a person has changed since."""
    stamp = folders.build / "conf" / overrides.STAMP
    # While kas runs there is none: an interrupted kas may have written another local.conf already.
    runner.output(["rm", "-f", stamp])
    status = run_kas(command, folders.layers, runner)
    if text := overrides.stamp_of(folders.build):
        runner.write(stamp, text)
    return status


def run_kas(command: list[str], folder: Path, runner: Runner, grace: float = 5.0) -> int:
    """kas's exit status; its output goes where ours goes, untouched.

    When this process is interrupted kas has `grace` seconds to end by itself before it is told to.
    """
    say(f"{folder}$ {shlex.join(command)}")
    sys.stdout.flush()
    process = runner.start(command, folder)
    try:
        return process.wait()
    except KeyboardInterrupt:
        # Ctrl-C has reached kas as well, and it ends bitbake's tasks in order; a signal to us alone has not.
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def deliver(target: str, build_folder: Path, dumped: str, setting: Setting) -> int:
    """Check the image and copy it to the output folder; exit status 1 when the check finds a fault."""
    found = artefacts.collect(build_folder, *machine_and_image(dumped))
    stream = sys.stderr if setting.json == "-" else sys.stdout
    if found.installer is None:
        say(f"{target} has no Easy Installer image; nothing was checked")
    else:
        with step(f"check {found.installer.name}"):
            report = check_image(found.installer)
        print_report(report, stream)
        write_json(report.to_dict(), setting.json)
        if report.verdict is Verdict.FAULT:
            say(f"not handed out because of these faults: {found.installer}")
            return report.exit_status
    with step(f"copy to {setting.output}"):
        published = artefacts.publish(found.files, setting.output)
    stream.write("".join(f"{path}\n" for path in published))
    return EXIT_OK
