# SPDX-License-Identifier: MIT
"""kas takes the files: its schema, its merging, its locks, its menu. Nothing is fetched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import kconfiglib
import pytest
import yaml
from kas.configschema import CONFIGSCHEMA

from huawei_modem_config.rules import INCLUDES
from modem_image import PROJECT
from modem_image.yocto import plan

KAS = PROJECT / "kas"
# Not a file that somebody put there for images of his own.
LISTED = subprocess.run(["git", "ls-files", "*.yml"], cwd=KAS, capture_output=True, text=True, check=True)
FILES = sorted(KAS / name for name in LISTED.stdout.splitlines())
TARGETS = [path for path in FILES if "machine" in (yaml.safe_load(path.read_text()) or {})]
OPTIONS = [path for path in FILES if path.parent.name == "opt"]
TEAM = PROJECT / "docs" / "examples" / "kas.yml"
SHORT = [path for path in FILES if path.parent == KAS and (KAS / plan.DEFAULT_RELEASE / path.name).is_file()]


def relative(path: Path) -> str:
    return str(path.relative_to(KAS).with_suffix(""))


def dump(files: list[Path], work: Path, project: Path = PROJECT) -> tuple[dict[str, Any], str]:
    """What `kas dump` makes of the files, and what it says besides."""
    skipped = ["--skip", "repos_checkout", "--skip", "finish_setup_repos"]
    command = [sys.executable, "-m", "kas", "dump", "--format", "json", *skipped, ":".join(map(str, files))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAS_")}
    environment |= {"KAS_WORK_DIR": str(work)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("path", [*FILES, TEAM], ids=lambda path: path.stem)
def test_each_file_keeps_kas_own_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text()), CONFIGSCHEMA)


@pytest.mark.parametrize("target", TARGETS, ids=relative)
@pytest.mark.slow
def test_each_target_resolves_with_every_commit_locked(tmp_path: Path, target: Path) -> None:
    config, said = dump([target], tmp_path)
    assert config["machine"] == target.stem
    assert config["target"] == "huawei-modem-image"
    commits = {name: repo.get("commit", "") for name, repo in config["repos"].items() if "url" in repo}
    commits |= {name: over["commit"] for name, over in config["overrides"]["repos"].items()}
    assert commits
    assert not [name for name, commit in commits.items() if not re.fullmatch("[0-9a-f]{40}", commit)]
    assert "WARNING" not in said
    assert "DISTRO_FEATURES:append" in config["local_conf_header"]["huawei-modem"]


def test_each_release_has_a_folder_of_its_own_and_nothing_else_names_a_machine() -> None:
    assert {path.parent.name for path in TARGETS} == set(plan.RELEASES)
    assert {path.parent.parent for path in TARGETS} == {KAS}


@pytest.mark.slow
def test_a_short_name_is_the_default_releases(tmp_path: Path) -> None:
    assert {path.stem for path in SHORT} == set(plan.TARGETS)
    for path in SHORT:
        config, said = dump([path], tmp_path)
        whole, _ = dump([KAS / plan.DEFAULT_RELEASE / path.name], tmp_path)
        assert config == whole, path.name
        assert "WARNING" not in said


def test_all_options_resolve_with_one_another(tmp_path: Path) -> None:
    # kas alone merges those too that our own command refuses together.
    config, said = dump([KAS / "colibri-imx7-emmc.yml", *OPTIONS], tmp_path)
    assert {path.stem for path in OPTIONS} <= config["local_conf_header"].keys()
    assert config["env"].keys() == {
        "MODEM_HASHSERVE",
        "MODEM_SSTATE_MIRROR",
        "MODEM_TEST_BOARD",
        "MODEM_TEST_HERE",
        "MODEM_TEST_HOST",
        "MODEM_TEST_STICK",
    }
    assert "WARNING" not in said


@pytest.mark.parametrize("target", [path for path in TARGETS if "colibri" in path.stem], ids=relative)
def test_each_colibri_requires_toradexs_settings_by_its_own_name(target: Path) -> None:
    document = yaml.safe_load(target.read_text())
    lines = document["local_conf_header"]["machine"].splitlines()
    assert f"require conf/machine/include/{document['machine']}.inc" in lines


def test_the_sanity_class_knows_each_colibri() -> None:
    assert {path.stem for path in TARGETS if "colibri" in path.stem} <= set(INCLUDES)


def test_another_project_adds_the_modem_in_three_lines(tmp_path: Path) -> None:
    text = TEAM.read_text()
    assert len(re.findall(r"# (?:one|two|three)$", text, re.MULTILINE)) == 3
    own = tmp_path / "kas.yml"
    own.write_text(re.sub(r'url: "https://git.example.org/[^"]+", branch: main', f'path: "{PROJECT}"', text))
    config, _ = dump([own], tmp_path, tmp_path)
    assert config["repos"]["meta-huawei-modem"]["layers"] == {"meta-huawei-modem": None}
    assert "packagegroup-huawei-modem" in config["local_conf_header"]["huawei-modem"]
    assert config["target"] == "core-image-minimal"


def example(page: str) -> str:
    """The kas file of a page."""
    found = re.search(r"^( {4,})header:\n(?:(?:\1.*)?\n)+", (PROJECT / page).read_text(), re.MULTILINE)
    assert found, page
    return textwrap.dedent(found[0])


def test_the_layers_folder_alone_is_a_layer_of_the_repository_that_has_the_kas_file(tmp_path: Path) -> None:
    page = "docs/existing-toradex-project.md"
    (named,) = yaml.safe_load(example(page))["repos"]["mine"]["layers"]
    mine = tmp_path / "mine"
    shutil.copytree(PROJECT / "meta-huawei-modem" / "conf", mine / named / "conf")
    (mine / "own.yml").write_text(example(page))
    subprocess.run(["git", "init", "--quiet", mine], check=True)
    (tmp_path / "work").mkdir()
    # Without BitBake's own script for the environment: nothing is fetched.
    command = [sys.executable, "-m", "kas", "checkout", "--skip", "setup_environ", "own.yml"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KAS_")}
    environment |= {"KAS_WORK_DIR": str(tmp_path / "work")}
    done = subprocess.run(command, cwd=mine, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    written = tmp_path / "work" / "build" / "conf"
    (layer,) = re.findall(r"\$\{TOPDIR\}/([^\s\"]+)", (written / "bblayers.conf").read_text())
    assert (written.parent / layer).resolve() == (mine / named).resolve()
    lines = (written / "local.conf").read_text().splitlines()
    text = (PROJECT / page).read_text()
    above = text[text.index("## With bblayers.conf") : text.index("## Pinning")]
    (four,) = re.findall(r"(?:^    [A-Zr].*\n){4}", above, re.MULTILINE)
    assert set(textwrap.dedent(four).splitlines()) <= set(lines)


@pytest.mark.parametrize("page", ["README.md", "docs/kas.md"])
def test_the_example_of_a_page_makes_the_tests_project_complete(page: str, tmp_path: Path) -> None:
    text = example(page)
    ours, tested = yaml.safe_load(text), yaml.safe_load(TEAM.read_text())
    jsonschema.validate(ours, CONFIGSCHEMA)
    assert ours["header"]["includes"] == tested["header"]["includes"]
    lines = ours["local_conf_header"]["modem"].splitlines()
    assert tested["local_conf_header"]["team"].splitlines() == lines[:1]
    target = yaml.safe_load((KAS / "scarthgap" / "colibri-imx7-emmc.yml").read_text())
    assert lines[1] in target["local_conf_header"]["machine"].splitlines()
    # What the page says to have already.
    del tested["repos"]["meta-huawei-modem"]
    (tmp_path / "own.yml").write_text(yaml.dump({**tested, "header": {"version": 14}}))
    entry = ours["repos"]["meta-huawei-modem"]
    assert (entry.pop("url"), entry.pop("branch")) == ("https://git.example.org/meta-huawei-modem", "main")
    entry["path"] = str(PROJECT)
    (tmp_path / "modem.yml").write_text(yaml.dump(ours))
    config, said = dump([tmp_path / "own.yml", tmp_path / "modem.yml"], tmp_path, tmp_path)
    assert config["local_conf_header"].keys() == {"huawei-modem", "modem", "team"}
    assert "WARNING" not in said


def test_a_teams_own_file_is_an_option(tmp_path: Path) -> None:
    """The page's, where it says."""
    shutil.copytree(KAS, tmp_path / "kas")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "kas" / "opt" / "team.yml").write_text(example("docs/build.md"))
    files = plan.config_files(plan.Request("colibri-imx7-emmc", options=("team", "sbom")), tmp_path / "kas")
    config, said = dump(list(files), tmp_path / "work", tmp_path)
    lines = config["local_conf_header"]["team"].splitlines()
    assert [line.split()[0] for line in lines] == ["HUAWEI_MODEM_AUTHORIZED_KEYS", "HUAWEI_MODEM_CONFIG"]
    assert "WARNING" not in said
    known = (PROJECT / "docs" / "variables.md").read_text()
    assert all(f"| `{line.split()[0]}` |" in known for line in lines)


def test_what_kas_leaves_here_is_ignored() -> None:
    """Run in this folder, which KAS_WORK_DIR spares; our own layer is not among it."""
    left = [".config.yaml", *{name for path in FILES for name in repositories(path)}]
    assert len(left) > 8
    command = ["git", "check-ignore", *[f"{name}/file" for name in left], "meta-huawei-modem/conf/new"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert listed.splitlines() == [f"{name}/file" for name in left]


def repositories(path: Path) -> list[str]:
    """Those that kas clones, by the folders that it clones them into."""
    repos = yaml.safe_load(path.read_text()).get("repos") or {}
    return [name for name, entry in repos.items() if "url" in (entry or {})]


def open_menu() -> kconfiglib.Kconfig:
    kconfig = kconfiglib.Kconfig(str(PROJECT / "Kconfig"), warn_to_stderr=False)
    assert kconfig.warnings == []
    return kconfig


def menu(*chosen: str, kconfig: kconfiglib.Kconfig | None = None) -> list[str]:
    """The files that `kas menu` includes when the named entries are chosen, as far as they can be."""
    kconfig = kconfig or open_menu()
    kconfig.unset_values()
    for name in chosen:
        kconfig.syms[name].set_value(2)
    strings = [each for each in kconfig.unique_defined_syms if each.name.startswith("KAS_INCLUDE_")]
    return [each.str_value for each in strings if each.str_value]


def test_the_menu_starts_with_the_colibri() -> None:
    assert menu() == ["kas/scarthgap/colibri-imx7-emmc.yml"]


def entries() -> list[str]:
    text = (PROJECT / "Kconfig").read_text()
    return re.findall(r"^config (\w+)\n\tbool", text, re.MULTILINE)


def test_the_menu_has_every_target_and_option() -> None:
    included = {name for entry in entries() for name in menu(entry)}
    assert included == {f"kas/{relative(path)}.yml" for path in [*TARGETS, *OPTIONS]}


def test_the_menu_and_the_command_let_the_same_options_go_together() -> None:
    kconfig = open_menu()
    files = {f"kas/{relative(path)}.yml" for path in TARGETS}
    symbols = {(set(menu(entry, kconfig=kconfig)) & files).pop(): entry for entry in reversed(entries())}
    differing = []
    for target in TARGETS:
        release = target.parent.name
        for pair in combinations([path.stem for path in OPTIONS], 2):
            wanted = {f"kas/opt/{name}.yml" for name in pair}
            chosen = [name.upper().replace("-", "_").replace(".", "_") for name in pair]
            offered = wanted <= set(menu(symbols[f"kas/{relative(target)}.yml"], *chosen, kconfig=kconfig))
            if offered == bool(plan.option_faults(target.stem, release, pair)):
                differing.append((relative(target), *pair))
    assert differing == []
