# SPDX-License-Identifier: MIT
"""The real layers at their locked commits, out of mirrors, and the real bitbake on them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from modem_image import PROJECT
from modem_image.cache import Cache
from modem_image.yocto import plan, preflight
from modem_image.yocto.account import Runner, account_for
from modem_image.yocto.kas import kas_python
from modem_image.yocto.run import KAS_FILES, Kas, Setting, prepare, prepare_folders

LAYER = PROJECT / "meta-huawei-modem"
ROOT = PROJECT / "build" / "layer-tests"
# kas wants all its files in one repository.
CONF = PROJECT / "build" / "layer-tests-conf"
# bitbake refuses root: as root the tests run it as this user, who is made when missing.
USER = "modem-image-test"
# The host is not what is tested here, and an old release does not know it.
ANY_HOST = 'SANITY_TESTED_DISTROS = ""'

# Of meta-openembedded: what our layer and its options depend on.
META_OE = ("meta-networking", "meta-oe", "meta-python")

# A layer with what recipes of files alone need to be packaged, and images to be packed.
STUB = Path(__file__).with_name("stub")
VARIABLES = Path(__file__).with_name("variables.py")

# Recipes of kernels alone: seconds instead of minutes.
KERNELS_ALONE = r'BBMASK += "/recipes-(?!kernel/linux/)"'
# All of meta-openembedded but what our images need: half of all recipes less.
META_OE_MASK = r"""
BBMASK += "/meta-oe/(?!recipes-support/usb-modeswitch/) /meta-python/"
BBMASK += "/meta-networking/(?!recipes-filter/(libnftnl|nftables)/)"
"""
WARNING = re.compile(r"^(?:WARNING|ERROR)\b.*(?:\n[ \t]+\S.*)*", re.MULTILINE)
# kirkstone's BSP layers append to recipes that are not there, and let it pass (BB_DANGLINGAPPENDS_WARNONLY).
DANGLING = re.compile(r"WARNING: No recipes in default available for:")
# What a mask makes bitbake say of every layer that has no recipe left.
OF_THE_MASK = re.compile(r"WARNING: No bb files in default matched BBFILE_PATTERN_(?!huawei-modem)")


@dataclass(frozen=True)
class Outcome:
    """What a command in the build environment ended with."""

    status: int
    output: str

    @property
    def warnings(self) -> list[str]:
        """What starts with WARNING or ERROR, without what the mask causes and dangling appends of others."""
        said = [match[0] for match in WARNING.finditer(self.output)]
        return [
            text
            for text in said
            if not OF_THE_MASK.match(text) and not (DANGLING.match(text) and "meta-huawei-modem" not in text)
        ]


@dataclass(frozen=True)
class Stack:
    """One configuration, checked out and ready for bitbake."""

    kas: Kas
    folders: plan.Folders

    def with_conf(self, name: str, text: str) -> Stack:
        """The same with a part of local.conf more; a part of the same name is replaced."""
        return self._with(name, {"local_conf_header": {name: text}})

    def with_environment(self, **variables: str) -> Stack:
        """The same where kas finds these variables."""
        runner = self.kas.runner
        runner = replace(runner, environment={**runner.environment, **variables})
        return replace(self, kas=replace(self.kas, runner=runner))

    def with_layer(self, layer: Path) -> Stack:
        """The same with a layer more."""
        return self._with(
            f"layer-{layer.name}", {"bblayers_conf_header": {layer.name: f'BBLAYERS:append = " {layer}"'}}
        )

    def without_our_layer(self) -> Stack:
        """The same before our layer is added, and without the feature."""
        layers = {"meta-huawei-modem": {"layers": {"meta-huawei-modem": "disabled"}}}
        return self._with("without-us", {"repos": layers, "local_conf_header": {"huawei-modem": ""}})

    def with_our_layer_copied(self) -> Stack:
        """The same with a copy of our layer's folder, far from the rest of the project, in its place."""
        copy = self.folders.layers / "alone" / LAYER.name
        shutil.rmtree(copy.parent, ignore_errors=True)
        shutil.copytree(LAYER, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (copy.parent, copy, *copy.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        feature = 'DISTRO_FEATURES:append = " huawei-modem"'
        return self.without_our_layer().with_layer(copy).with_conf("feature", feature)

    def without_toradex(self) -> Stack:
        """The Colibri as meta-freescale-3rdparty has it, for a team without Toradex's own layers."""
        layers = {f"meta-toradex-{name}": {"layers": {".": "disabled"}} for name in ("bsp-common", "nxp")}
        return self._with("without-toradex", {"repos": layers, "local_conf_header": {"machine": ""}})

    def core_alone(self) -> Stack:
        """The same before our layer and those that it depends on are added."""
        layers = {"meta-openembedded": {"layers": dict.fromkeys(META_OE, "disabled")}}
        return self.without_our_layer()._with("core-alone", {"repos": layers})

    def _with(self, name: str, content: dict[str, object]) -> Stack:
        path = CONF / f"{self.folders.target}-{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"header": {"version": 14}, **content}))
        return replace(self, kas=replace(self.kas, files=(*self.kas.files, path)))

    def shell(self, command: str) -> Outcome:
        """Run a command where bitbake is on the path; both its outputs in one."""
        files = ":".join(map(str, self.kas.files))
        kas = [
            self.kas.python,
            "-m",
            "kas",
            "--log-level",
            "warning",
            "shell",
            files,
            "-c",
            f"{command} 2>&1",
        ]
        done = self.kas.runner.run(kas)
        return Outcome(done.returncode, (done.stdout + done.stderr).decode(errors="replace"))

    def recipe(self, name: str, *variables: str) -> tuple[Outcome, dict[str, str]]:
        """A parse, and what a recipe sets once every append has been read."""
        outcome = self.shell(f"bitbake -p && /usr/bin/python3 {VARIABLES} {name} {' '.join(variables)}")
        lines = [line for line in outcome.output.splitlines() if line.startswith("{")]
        return outcome, json.loads(lines[-1]) if lines else {}

    def commit(self, repository: str) -> str:
        """The commit that is checked out."""
        folder = self.folders.layers / repository
        git = ["git", "-c", f"safe.directory={folder}", "-C", folder, "rev-parse", "HEAD"]
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()


def runner_for(folders: plan.Folders) -> Runner:
    """Who runs kas, and its environment."""
    account = account_for(USER, os.geteuid()) if os.geteuid() == 0 else None
    # A folder of shared state for each: wrynose warns of one that builds share without a hash server.
    own = {"LANG": "en_US.UTF-8", "SSTATE_DIR": str(folders.build / "sstate-cache")}
    return Runner(account, {**plan.environment(folders, account, os.environ), **own})


def open_stack(mirror: Path, request: plan.Request, purpose: str, root: Path = ROOT) -> Stack:
    """Check out what `request` locks, below `root`. `purpose` tells build folders of one target apart."""
    folders = plan.Folders(root, request.release, f"{request.target}-{purpose}")
    runner = runner_for(folders)
    prepare_folders(folders, runner.account, runner)
    files = plan.config_files(request, KAS_FILES)
    python = kas_python(Cache(PROJECT / "build" / "cache"), preflight.PYTHON)
    setting = Setting(root=root, output=CONF, mirror=mirror)
    stack = Stack(prepare(Kas(python, files, runner), folders, setting, request), folders)
    return stack.with_conf("host", ANY_HOST)
