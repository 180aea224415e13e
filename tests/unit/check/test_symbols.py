# SPDX-License-Identifier: MIT
"""Symbols of modules against System.map and Module.symvers: real objects, and the real depmod beside."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from huawei_modem.report import Verdict
from huawei_modem_check.image import Given, check_image
from huawei_modem_check.symbols import SymbolReader, faults, parse_exports
from modem_image.errors import InputError
from modem_image.system import run
from unit.check.images import FLAGS, RELEASE, codes, module_files, tar
from unit.check.test_sources import root_files, write_tree

PLACE = f"./lib/modules/{RELEASE}/kernel"
COMPILERS = {"32 bits": "arm-linux-gnueabihf-gcc", "64 bits": "gcc"}
KERNEL = {"printk": 0x11111111, "usb_register": 0x22222222, "module_layout": 0x33333333}
CORE = {"printk": 0x11111111, "module_layout": 0x33333333}
DRIVER = {"printk": 0x11111111, "usb_register": 0x22222222, "core_open": 0x44444444}


def source(imports: Mapping[str, int], exports: tuple[str, ...] = (), release: str = RELEASE) -> str:
    """C that compiles to what modpost and the compiler make of a module."""
    lines = [
        'static const char info[] __attribute__((used, section(".modinfo")))'
        f' = "vermagic={release} {FLAGS}";',
        "struct version { unsigned long crc; char name[64 - sizeof(unsigned long)]; };",
        'static const struct version versions[] __attribute__((used, section("__versions"))) = {',
        *(f'  {{ {crc:#x}, "{name}" }},' for name, crc in imports.items()),
        "};",
        *(f"extern void {name}(void);" for name in imports if name != "module_layout"),
        "extern void optional(void) __attribute__((weak));",
        "void init(void) { if (optional) optional();",
        *(f"  {name}();" for name in imports if name != "module_layout"),
        "}",
    ]
    for name in exports:  # include/linux/export.h; depmod goes by the CRC's symbol
        lines += [
            f"void {name}(void) {{}}",
            f'static void *ksymtab_{name} __asm__("__ksymtab_{name}")'
            f' __attribute__((used, section("__ksymtab"))) = (void *) {name};',
            f'__asm__(".globl __crc_{name}\\n.set __crc_{name}, 0x44444444");',
        ]
    return "\n".join(lines) + "\n"


def compiled(folder: Path, compiler: str, text: str) -> bytes:
    (folder / "module.c").write_text(text)
    run([compiler, "-O1", "-fno-pic", "-c", "module.c", "-o", "module.ko"], directory=folder)
    content = (folder / "module.ko").read_bytes()
    # e_machine of ARM, whatever compiled it: the symbols are what is compared here.
    return content[:18] + struct.pack("<H", 40) + content[20:]


def symvers(symbols: Mapping[str, int]) -> bytes:
    """As modpost writes it, with what the module core exports among it."""
    rows = [(crc, name, "vmlinux") for name, crc in symbols.items()]
    rows.append((0x44444444, "core_open", "drivers/core"))
    return "".join(f"{crc:#010x}\t{name}\t{owner}\tEXPORT_SYMBOL\t\n" for crc, name, owner in rows).encode()


def system_map(symbols: Mapping[str, int]) -> bytes:
    return "".join(f"c0100000 T {name}\nc0200000 r __ksymtab_{name}\n" for name in symbols).encode()


def with_modules(tree: Path, driver: bytes, core: bytes) -> Path:
    """A root file system with both, and all that a healthy one has."""
    extra = {f"{PLACE}/core.ko": core, f"{PLACE}/driver.ko": driver}
    files = {**root_files(), **extra}
    index = f"./lib/modules/{RELEASE}/modules.dep"
    files[index] += b"kernel/core.ko:\nkernel/driver.ko: kernel/core.ko\n"
    return write_tree(tree, files)


@pytest.fixture(scope="module", params=COMPILERS)
def compiler(request: pytest.FixtureRequest) -> str:
    return COMPILERS[str(request.param)]


CASES = {
    "all fits": (KERNEL, DRIVER, []),
    "another CRC": (KERNEL, {**DRIVER, "usb_register": 0x99999999}, ["usb_register"]),
    "nobody exports it": ({"printk": 0x11111111, "module_layout": 0x33333333}, DRIVER, ["usb_register"]),
    "another module's symbol changed": (KERNEL, {**DRIVER, "core_open": 0x55555555}, ["core_open"]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.slow
def test_module_symvers_finds_what_depmod_finds(tmp_path: Path, compiler: str, case: str) -> None:
    kernel, driver, expected = CASES[case]
    tree = with_modules(
        tmp_path / "tree",
        compiled(tmp_path, compiler, source(driver)),
        compiled(tmp_path, compiler, source(CORE, ("core_open",))),
    )
    (tree / "boot" / f"Module.symvers-{RELEASE}").write_bytes(symvers(kernel))
    report = check_image(tree)
    assert codes(report) == ({"modules-symbol-mismatch"} if expected else set())
    assert report.facts["modules"][0]["symbols_compared"]
    told = " ".join(item.text for finding in report.findings for item in finding.evidence)
    said = depmod(tree, "-E", tree / "boot" / f"Module.symvers-{RELEASE}")
    for name in (*KERNEL, "core_open", "optional"):
        assert (name in told, name in said) == (name in expected, name in expected), (name, told, said)


@pytest.mark.parametrize("case", ["all fits", "nobody exports it"])
def test_system_map_finds_what_depmod_finds(tmp_path: Path, compiler: str, case: str) -> None:
    kernel, driver, expected = CASES[case]
    tree = with_modules(
        tmp_path / "tree",
        compiled(tmp_path, compiler, source(driver)),
        compiled(tmp_path, compiler, source(CORE, ("core_open",))),
    )
    (tree / "boot" / f"System.map-{RELEASE}").write_bytes(system_map(kernel))
    report = check_image(tree)
    told = " ".join(item.text for finding in report.findings for item in finding.evidence)
    said = depmod(tree, "-F", tree / "boot" / f"System.map-{RELEASE}")
    for name in (*KERNEL, "core_open", "optional"):
        assert (name in told, name in said) == (name in expected, name in expected), (name, told, said)


def depmod(tree: Path, option: str, table: Path) -> str:
    """What the real one says; it wants the modules' symbols alone."""
    line = ["depmod", "-n", "-e", option, table, "-b", tree, RELEASE]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return "\n".join(
        row for row in done.stderr.splitlines() if "kernel/driver" in row or "kernel/core" in row
    )


def test_a_stream_is_compared_too(tmp_path: Path) -> None:
    """In an archive, when the kernel's symbols come before the modules, as sorted they do."""
    tree = with_modules(
        tmp_path / "tree",
        compiled(tmp_path, "arm-linux-gnueabihf-gcc", source({**DRIVER, "printk": 0x99999999})),
        compiled(tmp_path, "arm-linux-gnueabihf-gcc", source(CORE, ("core_open",))),
    )
    table = {f"./boot/Module.symvers-{RELEASE}": symvers(KERNEL)}
    files = {f"./{path.relative_to(tree)}": path.read_bytes() for path in tree.rglob("*") if path.is_file()}
    path = tmp_path / "rootfs.tar"
    path.write_bytes(tar({**table, **files}))
    assert codes(check_image(path)) == {"modules-symbol-mismatch"}
    path.write_bytes(tar({**files, **table}))  # too late: nothing is claimed
    report = check_image(path)
    assert (report.verdict, report.facts["modules"][0]["symbols_compared"]) == (Verdict.OK, False)


def test_the_table_may_lie_elsewhere(tmp_path: Path) -> None:
    tree = with_modules(
        tmp_path / "tree",
        compiled(tmp_path, "arm-linux-gnueabihf-gcc", source({**DRIVER, "printk": 0x99999999})),
        compiled(tmp_path, "arm-linux-gnueabihf-gcc", source(CORE, ("core_open",))),
    )
    table = tmp_path / "Module.symvers"
    table.write_bytes(symvers(KERNEL))
    assert codes(check_image(tree, given=Given(symbols=(table,)))) == {"modules-symbol-mismatch"}
    table.write_bytes(b"ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n")
    assert parse_exports(table.read_text(), "x") is None
    with pytest.raises(InputError, match="holds no exported symbols"):
        check_image(tree, given=Given(symbols=(table,)))
    with pytest.raises(InputError, match="holds no option of a kernel"):
        check_image(tree, given=Given(config=table))


def test_without_versions_only_the_names_count() -> None:
    """CONFIG_MODVERSIONS is off: Module.symvers has zeros."""
    exports = parse_exports("0x00000000\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n", "Module.symvers")
    assert exports is not None
    assert exports.crcs == {"printk": None}


def test_modules_of_the_tests_ask_for_nothing(tmp_path: Path) -> None:
    """An object without symbols is a module too."""
    content = next(value for name, value in module_files().items() if name.endswith(".ko"))
    symbols = SymbolReader().read(lambda offset, size: content[offset : offset + size])
    assert (symbols.imports, symbols.exports) == ((), ())
    exports = parse_exports("0x00000001\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n", "x")
    assert exports is not None
    assert list(faults({"a.ko": symbols}, exports)) == []
