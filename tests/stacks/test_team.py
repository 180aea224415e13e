# SPDX-License-Identifier: MIT
"""A team's own kas project with our three lines as they stand: kas fetches us by our address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from modem_image import PROJECT
from modem_image.cache import Cache
from modem_image.system import run
from modem_image.yocto import mirror, plan, preflight
from modem_image.yocto.kas import kas_python
from modem_image.yocto.repositories import repositories
from modem_image.yocto.run import Kas, prepare_folders
from stacks.stack import ANY_HOST, META_OE_MASK, ROOT, Stack, runner_for

pytestmark = pytest.mark.mirror

TEAM = PROJECT / "docs" / "examples" / "kas.yml"


def last_commit() -> str:
    """Ours: what is not committed is not tested here."""
    return run(["git", "-C", PROJECT, "rev-parse", "HEAD"]).decode().strip()


@pytest.fixture
def stack(pytestconfig: pytest.Config) -> Stack:
    """The team's project; a mirror stands for the servers, with our last commit as the branch main."""
    clones = Path(pytestconfig.getoption("--mirror")).resolve()
    folders = plan.Folders(ROOT / "team", "scarthgap", "team")
    runner = runner_for(folders)
    prepare_folders(folders, runner.account, runner)
    # kas leaves a clone of a branch as it is: an earlier run's would be an earlier commit.
    runner.output(["rm", "-rf", folders.layers / "meta-huawei-modem"])
    document = yaml.safe_load(TEAM.read_text())
    ours = document["repos"].pop("meta-huawei-modem")
    head = last_commit()
    entry = {**ours, "commit": head}
    (own,) = repositories(json.dumps({"repos": {"meta-huawei-modem": entry}}))
    sources = mirror.find_sources(clones, repositories(json.dumps(document)), runner)
    git = Path(
        run(["git", "-C", PROJECT, "rev-parse", "--path-format=absolute", "--git-common-dir"])
        .decode()
        .strip()
    )
    sources = (*sources, mirror.Source(own, git, head))
    views = {each.repository.url: mirror.make_view(each, folders.views, runner) for each in sources}
    runner.write(folders.git_config, plan.git_config([], views, ""))
    # A project of its own: a folder that is not below ours.
    project = folders.layers / "project"
    runner.output(["mkdir", "-p", project])
    runner.write(project / "kas.yml", TEAM.read_text())
    overlay = json.loads(plan.overlay([], None))
    overlay["local_conf_header"] |= {"host": ANY_HOST, "meta-oe": META_OE_MASK}
    runner.write(project / "offline.json", json.dumps(overlay))
    python = kas_python(Cache(PROJECT / "build" / "cache"), preflight.PYTHON)
    return Stack(Kas(python, (project / "kas.yml", project / "offline.json"), runner), folders)


def test_it_is_fetched_parsed_and_its_image_has_the_modem(stack: Stack) -> None:
    outcome = stack.shell("bitbake -g core-image-minimal")
    assert outcome.status == 0, outcome.output[-3000:]
    assert outcome.warnings == []
    assert stack.commit("meta-huawei-modem") == last_commit()
    built = set((stack.folders.build / "pn-buildlist").read_text().split())
    assert {"connman", "huawei-modem", "ofono", "packagegroup-huawei-modem", "usb-modeswitch"} <= built
