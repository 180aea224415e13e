# SPDX-License-Identifier: MIT
"""doctor --fix: what is planned from facts, and real effects in a root of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from huawei_modem import fix
from huawei_modem.shapes import Facts
from modem_image import HELPER
from patience import PATIENCE
from unit.helper.samples import changed, healthy
from unit.helper.test_running_kernel import system as modules
from unit.helper.trees import plug, write

INTERFACES = ("sticks", 0, "interfaces")


def titles(facts: Facts, root: Path) -> list[str]:
    return [step.title for step in fix.plan(facts, root)]


def test_on_a_healthy_system_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert fix.plan(healthy(), tmp_path) == []


@pytest.mark.parametrize(
    ("path", "value", "commands"),
    [
        (("tun",), False, [("modprobe", "tun")]),
        ((*INTERFACES, 0, "driver"), None, [("modprobe", "option")]),
        ((*INTERFACES, 3, "driver"), None, []),
        (("ofono", "running"), False, [("systemctl", "start", "ofono")]),
        (("ofono", "running"), None, []),
        (("ofono", "modems"), [], [("systemctl", "restart", "ofono")]),
    ],
)
def test_each_fault_has_its_remedy(
    tmp_path: Path, path: tuple[str | int, ...], value: Any, commands: list[tuple[str, ...]]
) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    steps = fix.plan(changed(*path, to=value), tmp_path)
    assert [command for step in steps for command in step.commands] == commands
    if path == (*INTERFACES, 3, "driver"):
        assert [step.code for step in steps] == ["net-driver-id-gap"]
        assert steps[0].shown == (f"huawei-modem bind {tmp_path}/sys/bus/usb/devices/1-1:1.3",)


def test_without_systemd_the_init_script_is_used_or_nothing(tmp_path: Path) -> None:
    facts = changed("ofono", "running", to=False)
    assert fix.plan(facts, tmp_path) == []
    write(tmp_path / "etc/init.d/ofono", "")
    (step,) = fix.plan(facts, tmp_path)
    assert step.commands == ((f"{tmp_path}/etc/init.d/ofono", "start"),)
    assert step.undo == (("run", f"{tmp_path}/etc/init.d/ofono", "stop"),)


def test_a_module_that_is_loaded_is_not_loaded_again(tmp_path: Path) -> None:
    facts = changed(*INTERFACES, 0, "driver", to=None)
    assert titles(facts, tmp_path) == ["load the module option"]
    (tmp_path / "sys/module/option").mkdir(parents=True)
    assert titles(facts, tmp_path) == []


def test_unlabelled_ports_are_labelled_by_the_installed_rules(tmp_path: Path) -> None:
    (step,) = fix.plan(changed(*INTERFACES, 2, "label", to=None), tmp_path)
    assert step.commands[1] == ("udevadm", "trigger", "--action=add", "--subsystem-match=tty")


# --- Real effects ---

# Stand for kmod and udev: they do to the root what the real ones do to /sys and to udev's database.
MODPROBE = """#!/bin/sh
echo modprobe "$@" >> "$LOG"
cd "$ROOT/sys"
case "$*" in
option)
    mkdir -p module/option bus/usb/drivers/option
    for number in 0 1 2; do
        ln -s "$ROOT/sys/bus/usb/drivers/option" "$DEVICE/1-1:1.$number/driver"
        mkdir "$DEVICE/1-1:1.$number/ttyUSB$number"
        mkdir -p class/tty/ttyUSB$number
        echo "188:$number" > class/tty/ttyUSB$number/dev
    done ;;
huawei_cdc_ncm)
    mkdir -p module/huawei_cdc_ncm bus/usb/drivers/huawei_cdc_ncm
    cd bus/usb/drivers/huawei_cdc_ncm
    : > new_id; : > remove_id; : > unbind
    # The kernel binds when the id is written; here as soon as the helper has written it.
    (until grep -q 12d1 new_id; do sleep 0.05; done; ln -s "$PWD" "$DEVICE/1-1:1.3/driver") \
        > /dev/null 2>&1 & ;;
"-r option")
    rm -r module/option
    for number in 0 1 2; do
        rm "$DEVICE/1-1:1.$number/driver"
        rmdir "$DEVICE/1-1:1.$number/ttyUSB$number"
    done ;;
tun) mkdir -p module/tun class/misc/tun ;;
"-r tun") rm -r module/tun class/misc/tun ;;
"-r huawei_cdc_ncm") rm -r module/huawei_cdc_ncm ;;
esac
"""
UDEVADM = """#!/bin/sh
echo udevadm "$@" >> "$LOG"
[ "$1" = trigger ] || exit 0
mkdir -p "$ROOT/run/udev/data"
n=0
for label in modem diag pcui; do
    printf 'E:OFONO_LABEL=%s\\n' $label > "$ROOT/run/udev/data/c188:$n"
    n=$((n + 1))
done
"""


class Sandbox:
    """A root with a stick nobody drives, and tools in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        modules(self.root)
        self.device = plug(self.root, "12d1:1596", drivers=False).resolve()
        self.log = folder / "log"
        self.log.touch()
        for name, text in {"modprobe": MODPROBE, "udevadm": UDEVADM}.items():
            write(folder / "tools" / name, text)
            (folder / "tools" / name).chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{folder}/tools:{os.environ['PATH']}",
            "ROOT": str(self.root),
            "DEVICE": str(self.device),
            "LOG": str(self.log),
        }

    def doctor(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from huawei_modem.cli import main; main()"
        command = [sys.executable, "-c", code, HELPER, "--root", self.root, "doctor", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)

    def tool(self, name: str, text: str) -> str:
        """Puts another text in the place of a tool, and returns the one before."""
        path = self.log.parent / "tools" / name
        before = path.read_text()
        path.write_text(text)
        return before

    def drivers(self) -> list[str]:
        links = [self.device / f"1-1:1.{number}/driver" for number in range(4)]
        return [link.resolve().name if link.is_symlink() else "" for link in links]


def test_it_is_announced_done_and_taken_back(tmp_path: Path) -> None:
    box = Sandbox(tmp_path)
    dry = box.doctor("--fix", "--dry-run")
    assert "would: load the module tun (tun-missing)\n  modprobe tun\n" in dry.stdout
    assert (box.log.read_text(), box.drivers()) == ("", [""] * 4)

    done = box.doctor("--fix")
    assert done.stdout.index("load the module option") < done.stdout.index("let udev label the ports")
    assert "failed" not in done.stdout, done.stdout
    assert box.drivers() == ["option", "option", "option", "huawei_cdc_ncm"]
    assert "serial-driver-missing" not in done.stderr and "ofono-ports-unlabelled" not in done.stderr
    new_id = box.root / "sys/bus/usb/drivers/huawei_cdc_ncm/new_id"
    assert new_id.read_text() == "12d1 1596 ff 12d1 0\n"
    again = box.doctor("--fix")
    assert "nothing that can be fixed here" in again.stdout

    back = box.doctor("--undo")
    assert "failed" not in back.stdout, back.stdout
    assert box.drivers()[:3] == [""] * 3
    driver = box.root / "sys/bus/usb/drivers/huawei_cdc_ncm"
    assert (driver / "remove_id").read_text() == "12d1 1596\n"
    assert (driver / "unbind").read_text() == "1-1:1.3\n"
    assert not (box.root / "sys/class/misc/tun").exists()
    assert not (box.root / "sys/module/huawei_cdc_ncm").exists()
    assert "nothing was fixed" in box.doctor("--undo").stdout


def test_a_remedy_that_fails_is_named_and_not_tried_again(tmp_path: Path) -> None:
    box = Sandbox(tmp_path)
    write(tmp_path / "tools/modprobe", "#!/bin/sh\necho modprobe: FATAL: Module not found >&2\nexit 1\n")
    done = box.doctor("--fix")
    assert done.stdout.count("fix: load the module option") == 1
    assert "failed: modprobe option: modprobe: FATAL: Module not found" in done.stdout
    assert "error: serial-driver-missing" in done.stderr
    assert not (box.root / fix.JOURNAL).exists()


def test_ports_that_a_daemon_has_open_do_not_keep_a_module_in(tmp_path: Path) -> None:
    """As the kernel does it: the module is in use until its interfaces are unbound."""
    box = Sandbox(tmp_path)
    box.doctor("--fix")
    driver = box.root / "sys/bus/usb/drivers/option"
    (driver / "1-1:1.0").symlink_to(box.device / "1-1:1.0")
    write(driver / "unbind", "")
    busy = '[ "$*" != "-r option" ] || grep -q 1-1 "$ROOT/sys/bus/usb/drivers/option/unbind" || {\n'
    busy += "echo 'modprobe: FATAL: Module option is in use.' >&2; exit 1; }\ncd"
    box.tool("modprobe", MODPROBE.replace("cd", busy, 1))
    back = box.doctor("--undo")
    assert f"echo 1-1:1.0 > {driver}/unbind\n  modprobe -r option\n" in back.stdout
    assert "failed" not in back.stdout, back.stdout
    assert not (box.root / "sys/module/option").exists()


def test_what_could_not_be_taken_back_can_be_later(tmp_path: Path) -> None:
    box = Sandbox(tmp_path)
    box.doctor("--fix")
    whole = box.tool("modprobe", "#!/bin/sh\necho modprobe: FATAL: Module tun is in use >&2\nexit 1\n")
    first = box.doctor("--undo")
    assert "failed: modprobe -r tun: modprobe: FATAL: Module tun is in use" in first.stdout
    box.tool("modprobe", whole)
    second = box.doctor("--undo")
    assert "undo: load the module tun" in second.stdout and "failed" not in second.stdout
    assert not (box.root / "sys/class/misc/tun").exists()


@pytest.mark.parametrize("arguments", [["--dry-run"], ["--fix", "--undo"], ["--fix", "a-capture.tar.gz"]])
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from huawei_modem.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", code, HELPER, "--root", tmp_path, "doctor", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
