# SPDX-License-Identifier: MIT
"""Whether the kernel takes a module: the whole of its vermagic, and the ELF header.

The kernel compares the vermagic word by word, unless it is forced (kernel/module/main.c, same_magic), and
refuses an ELF file of another machine or type (elf_validity_check). Words: include/linux/vermagic.h and
arch/*/include/asm.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from huawei_modem.running_kernel import module_name
from huawei_modem_check.facts import Kernel, Module, ModuleFolder

_RELOCATABLE = 1  # e_type ET_REL
_ARM, _AARCH64 = 40, 183  # e_machine
_WORDS = frozenset(
    {
        *("SMP", "preempt", "preempt_rt", "mod_unload", "modversions", "aarch64", "p2v8", "thumb2"),
        *("ARMv6", "ARMv7", "ARMv7M", "ARMv5", "ARMv4", "486", "686", "586", "PPC", "riscv", "MIPS32_R2"),
        *("32BIT", "64BIT", "KASAN", "RANDSTRUCT"),
    }
)
_BANNER = re.compile(r"#\d+[^\n]*?(?: (?P<smp>SMP))?(?: (?P<preempt>PREEMPT(?:_RT|_DYNAMIC)?))?(?: |$)")


class Usual(NamedTuple):
    """e_machine, and the flags of the vermagic."""

    machine: int
    flags: list[str]


def unfit(module: Module, path: str, usual: Usual, kernel: Kernel | None) -> str | None:
    """Why `kernel` does not take the module at `path`, or None.

    `usual` is what the modules beside it have: it counts where the kernel does not say what it wants itself.
    """
    machine, flags = usual
    if module.kind != _RELOCATABLE:
        return f"an ELF file of type {module.kind}, and a module is of type {_RELOCATABLE}"
    wanted = _ARM if kernel is not None and kernel.kind == "zImage" else machine
    if module.machine != wanted:
        return f"for machine {module.machine}, and the kernel is for {wanted} (e_machine of its ELF header)"
    if module.name and module.name != module_name(path):
        return f"calls itself {module.name}"
    if module.release is None:
        return None
    words = module.flags.split()
    if odd := [word for word in words if word not in _WORDS]:
        return f"vermagic {module.flags!r}: no kernel has {odd[0]!r}"
    if kernel is not None and kernel.flags is not None:
        if words != kernel.flags.split():
            return f"vermagic {module.flags!r}, and the kernel has {kernel.flags!r}"
    elif words != flags:
        return f"vermagic {module.flags!r}, and the other modules have {' '.join(flags)!r}"
    if module.machine == _ARM and not any(word.startswith("ARMv7") for word in words):
        return f"vermagic {module.flags!r}: the i.MX7 is an ARMv7"
    return _against_banner(words, module, kernel)


def _against_banner(words: list[str], module: Module, kernel: Kernel | None) -> str | None:
    said = _BANNER.search(kernel.banner) if kernel is not None and kernel.banner else None
    if said and bool(said["smp"]) != ("SMP" in words):
        return f"vermagic {module.flags!r}, and the kernel is {'' if said['smp'] else 'not '}SMP"
    return None


def usual_of(folder: ModuleFolder) -> Usual:
    """What most modules of a folder have."""
    machines = Counter(module.machine for module in folder.modules.values())
    flags = Counter(module.flags for module in folder.modules.values() if module.release)
    return Usual(
        (machines.most_common(1) or [(0, 0)])[0][0], (flags.most_common(1) or [("", 0)])[0][0].split()
    )
