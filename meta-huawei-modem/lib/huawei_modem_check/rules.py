# SPDX-License-Identifier: MIT
"""From the facts about an image to findings. Every rule is a pure function."""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from huawei_modem.catalogue import found
from huawei_modem.database import load
from huawei_modem.report import INSUFFICIENT_DATA, Evidence, Finding, Severity
from huawei_modem.running_kernel import module_name, parse_modules_dep
from huawei_modem_check import modprobe
from huawei_modem_check.boot_script import statements
from huawei_modem_check.facts import Image, Kernel, ModuleFolder
from huawei_modem_check.installer import rules as installer
from huawei_modem_check.kmod import aliases_in, normal
from huawei_modem_check.loading import in_use
from huawei_modem_check.symbols import faults
from huawei_modem_check.vermagic import unfit, usual_of
from huawei_modem_check.views import views, without_strays
from huawei_modem_kernel.compare import compare, unverified
from huawei_modem_kernel.dotconfig import parse_config
from huawei_modem_kernel.fragments import layer_asks, linux_version

if TYPE_CHECKING:
    Rule = Callable[[Image], Iterable[Finding]]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What is asked of an image.

    For the one module `product`; `with_bench` is consent to the bench's own image.
    """

    product: str | None = None
    with_bench: bool = False


ANYTHING = Wanted()
_NAMED = 5  # how many files a finding names; its title says how many there are
_KINDS = {"tezi-name-unsafe": "tezi-name-unsafe:member"}


def check(image: Image, wanted: Wanted = ANYTHING) -> list[Finding]:
    """All findings about `image`, each once: the worst first, and as the rules stand otherwise."""
    image, strays = without_strays(image)
    findings = [*problems(image), *strays, *image_json(image, wanted)]
    for view, placing in views(image, wanted.product):
        findings += placing
        findings += [finding for rule in RULES for finding in rule(view)]
    return sorted(dict.fromkeys(findings), key=lambda finding: list(Severity).index(finding.severity))


def problems(image: Image) -> Iterator[Finding]:
    """What the readers could not read or refused."""
    for problem in image.problems:
        seen = [Evidence(problem.where, problem.text)]
        yield found(_KINDS.get(problem.code, problem.code), seen, where=problem.where, name=problem.where)


def _something_unread(image: Image) -> bool:
    return image.incomplete or any(problem.code == INSUFFICIENT_DATA for problem in image.problems)


def kernels_readable(image: Image) -> Iterator[Finding]:
    """There is a kernel, and every kernel says which release it is."""
    if not image.kernels and not image.whole:
        seen = [Evidence(image.path, "no zImage, Image, uImage or FIT image under /boot")]
        yield found("insufficient-data:rootfs", seen)
    elif not image.kernels and not _something_unread(image):
        seen = [Evidence(image.path, "no kernel in the image's folder or at the root of an archive")]
        yield found("kernel-unreadable:none", seen)
    for kernel in image.kernels:
        if kernel.problem:
            yield found("kernel-unreadable", [Evidence(kernel.source, kernel.problem)])


def modules_belong_to_kernels(image: Image) -> Iterator[Finding]:
    """Every kernel has a folder of modules with its release."""
    folders = {folder.release for folder in image.folders if folder.files}
    for kernel in _known(image):
        if kernel.release in folders:
            continue
        seen = [Evidence(kernel.source, f"Linux version {kernel.release}")]
        if not folders and _something_unread(image):
            continue
        if not folders:
            seen.append(Evidence(image.path, "no modules under lib/modules in any archive"))
            yield found("modules-missing", seen)
            continue
        seen += [Evidence(folder.source, f"modules for {folder.release}") for folder in image.folders]
        yield found("modules-mismatch", seen)


def folders_belong_to_kernels(image: Image) -> Iterator[Finding]:
    """No folder of modules is left over from another build beside the right one."""
    releases = {kernel.release for kernel in _known(image)}
    matched = releases & {folder.release for folder in image.folders}
    for folder in image.folders:
        # Without a kernel that matches, the mismatch is the fault, and which folder is stale is open.
        if matched and folder.release not in releases:
            yield found(
                "modules-stale",
                [
                    Evidence(folder.source, f"{len(folder.files)} modules"),
                    *(Evidence(kernel.source, f"Linux version {kernel.release}") for kernel in _known(image)),
                ],
                release=folder.release,
            )


def modules_belong_to_folders(image: Image) -> Iterator[Finding]:
    """The vermagic of every module is the release of its folder."""
    for folder in image.folders:
        foreign = [
            Evidence(f"{folder.source}/{path}", f"built for {release or 'no release: it has no vermagic'}")
            for path, release in sorted(folder.files.items())
            if release != folder.release and path not in folder.problems
        ]
        if foreign:
            yield found(
                "modules-mismatch:folder", foreign[:_NAMED], count=len(foreign), release=folder.release
            )
        damaged = [
            Evidence(f"{folder.source}/{path}", text) for path, text in sorted(folder.problems.items())
        ]
        if damaged:
            values = {"count": len(damaged), "release": folder.release}
            yield found("modules-missing:damaged", damaged[:_NAMED], **values)


def modules_are_for_this_kernel(image: Image) -> Iterator[Finding]:
    """Flags of the vermagic, machine, type and name of every module are those that the kernel takes."""
    for folder in image.folders:
        kernel = next((kernel for kernel in _known(image) if kernel.release == folder.release), None)
        usual = usual_of(folder)
        odd = [
            Evidence(f"{folder.source}/{path}", reason)
            for path, module in sorted(folder.modules.items())
            if path not in folder.problems and (reason := unfit(module, path, usual, kernel))
        ]
        if odd:
            yield found("modules-mismatch:module", odd[:_NAMED], count=len(odd), release=folder.release)


def modules_can_be_reached(image: Image) -> Iterator[Finding]:
    """/lib/modules leads to the modules, in whatever folder they lie."""
    for folder in image.folders:
        if folder.unreachable and folder.files:
            seen = [Evidence(folder.source, folder.unreachable)]
            yield found("modules-missing:unreachable", seen, release=folder.release)


def indexes_are_kmods(image: Image) -> Iterator[Finding]:
    """The indexes that kmod reads say what their texts say, and lead to the drivers."""
    for folder in image.folders:
        if not folder.files:
            continue
        if not folder.has_binary and folder.aliases is None:
            if not any(module.aliases for module in folder.modules.values()):
                continue
            seen = [Evidence(folder.source, "no modules.dep.bin, no modules.alias.bin, no modules.alias")]
            yield found("modules-index-broken:no-index", seen, release=folder.release)
            continue
        faults = [Evidence(f"{folder.source}/{text.split()[0]}", text) for text in folder.binary_faults]
        if folder.has_binary and faults:
            yield found("modules-index-broken:binary", faults[:_NAMED], release=folder.release)
        elif folder.aliases is not None and (lost := [*itertools.islice(_lost_aliases(folder), _NAMED)]):
            yield found("modules-index-broken:lost", lost, release=folder.release)


def _lost_aliases(folder: ModuleFolder) -> Iterator[Evidence]:
    """Devices that a driver of sticks names itself, and that modules.alias does not lead to it."""
    known = aliases_in(folder.aliases or "")
    for path, module in sorted(folder.modules.items()):
        for alias in module.aliases[:50]:
            if (normal(alias), module_name(path)) not in known:
                text = f"does not lead {alias} to {module_name(path)}"
                yield Evidence(f"{folder.source}/modules.alias", text)


def symbols_are_there(image: Image) -> Iterator[Finding]:
    """Every symbol that a module asks for is exported, and has the kernel's CRC."""
    for folder in image.folders:
        exports = image.exports.get(folder.release) or image.exports.get("")
        if exports is None or folder.symbols is None:
            continue
        unmet = list(faults(folder.symbols, exports))
        if unmet:
            yield found(
                "modules-symbol-mismatch",
                [
                    *(Evidence(f"{folder.source}/{path}", text) for path, text in unmet[:_NAMED]),
                    Evidence(exports.source, "the kernel's symbols"),
                ],
                release=folder.release,
                modules=len({path for path, _text in unmet}),
                count=len(unmet),
            )


def index_is_complete(image: Image) -> Iterator[Finding]:
    """modules.dep names every module and nothing else."""
    for folder in image.folders:
        if not folder.files:
            continue
        if wrong := _index_faults(folder):
            yield found("modules-index-broken:image", wrong[:_NAMED], release=folder.release)


def _index_faults(folder: ModuleFolder) -> list[Evidence]:
    place = f"{folder.source}/modules.dep"
    if folder.dependencies is None:
        return [Evidence(place, "is not there")]
    index = parse_modules_dep(folder.dependencies)
    named = set(index).union(*index.values())
    absent = [
        Evidence(place, f"names {path}, which is not there") for path in sorted(named - set(folder.files))
    ]
    left_out = [Evidence(place, f"does not name {path}") for path in sorted(set(folder.files) - set(index))]
    return absent + left_out


def aliases_lead_to_modules(image: Image) -> Iterator[Finding]:
    """Every module that modules.alias names is there: udev loads a stick's driver by these lines."""
    for folder in image.folders:
        named = {name for _pattern, name in aliases_in(folder.aliases or "")}
        absent = sorted(named - folder.names.keys() - folder.built_in)
        if absent and folder.files:
            place = f"{folder.source}/modules.alias"
            yield found(
                "modules-index-broken:aliases",
                [Evidence(place, f"names {name}, which is not there") for name in absent[:_NAMED]],
                release=folder.release,
            )


def modules_are_not_built_in_too(image: Image) -> Iterator[Finding]:
    """No module is in the kernel already: then it is from a build with another configuration."""
    for folder in image.folders:
        twice = sorted(folder.names[name] for name in folder.built_in & folder.names.keys())
        if twice:
            yield found(
                "modules-stale:built-in",
                [Evidence(f"{folder.source}/{path}", "also in modules.builtin") for path in twice[:_NAMED]],
                count=len(twice),
                release=folder.release,
            )


def drivers_are_there(image: Image) -> Iterator[Finding]:
    """Every driver of the database's sticks is a module or built in."""
    releases = {kernel.release for kernel in _known(image)}
    for folder in image.folders:
        if folder.release not in releases or not folder.files:
            continue
        for driver, purpose in required_modules().items():
            if driver not in folder.names and driver not in folder.built_in:
                yield found(
                    "tun-missing:image" if driver == "tun" else "modules-missing:image",
                    [Evidence(folder.source, f"{driver}: no module, and not in modules.builtin")],
                    driver=driver,
                    purpose=purpose,
                )


def drivers_are_not_kept_out(image: Image) -> Iterator[Finding]:
    """Nothing keeps a driver of sticks that is a module from being loaded: modprobe.d, the command line."""
    drivers: dict[str, set[str]] = {}
    for folder in image.folders:
        for driver in required_modules().keys() & folder.names.keys():
            known = folder.modules.get(folder.names[driver])
            drivers.setdefault(driver, set()).update(known.aliases if known else ())
    for driver, source, line in modprobe.kept_out(image.modprobe, drivers):
        yield found("modules-missing:kept-out", [Evidence(source, line)], driver=driver, by="modprobe.d")
    by = "the kernel's command line"
    for text in in_use(image.boot_texts):
        for driver, words in modprobe.barred("\n".join(statements(text.text)), drivers):
            yield found("modules-missing:kept-out", [Evidence(text.source, words)], driver=driver, by=by)


def device_trees_fit_the_module(image: Image) -> Iterator[Finding]:
    """Every module that image.json is for has a device tree, and each tree can be read."""
    for tree in image.device_trees:
        if tree.problem:
            yield found("device-tree-missing:damaged", [Evidence(tree.source, tree.problem)])
    there = [Evidence(tree.source, ", ".join(tree.compatible)) for tree in image.device_trees]
    wanted = image.device_tree
    if wanted is None or _something_unread(image):
        return
    if not any(wanted in tree.compatible for tree in image.device_trees):
        # One that is damaged may be the one; it has its finding.
        if any(tree.problem for tree in image.device_trees):
            return
        yield found(
            "device-tree-missing",
            there[:_NAMED] or [Evidence(image.path, "no .dtb beside the kernel, none in a FIT image")],
            product=image.product,
            compatible=wanted,
        )
        return
    names = [_asked_for(tree.source.rpartition(":")[2]) for tree in image.device_trees]
    loose = image.tree_name is not None and all(kernel.kind != "FIT" for kernel in image.kernels)
    if loose and image.kernels and not fnmatch.filter(names, image.tree_name or ""):
        yield found(
            "device-tree-missing:name", there[:_NAMED], product=image.product, name=image.tree_name or ""
        )


def _asked_for(path: str) -> str:
    """How U-Boot asks for the tree at `path`: at the top of its partition, or as a script in /boot does."""
    return path.rpartition("/")[2] if path.startswith("boot/") else path


def required_modules() -> dict[str, str]:
    """Modules that no image may lack, with what each is for."""
    drivers: dict[str, list[str]] = {}
    for function in load(of=()).family.functions:
        drivers.setdefault(function.driver, []).append(function.name)
    purposes = {driver: f"it drives {', '.join(names)} of the sticks" for driver, names in drivers.items()}
    return {**purposes, "tun": "oFono cannot open a data connection without it"}


def symbols_are_set(image: Image) -> Iterator[Finding]:
    """The configuration of every kernel has what the layer asks."""
    for kernel in _known(image):
        config = _config_of(image, kernel)
        if config is None:
            tried = f"no IKCONFIG, no boot/config-{kernel.release}, no file kernel-config"
            yield unverified(kernel.source, tried)
            continue
        text, source = config
        yield from _in_one(compare(layer_asks(linux_version(text)), parse_config(text), source))


def _in_one(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Options that are missing as one finding: a fragment that was not applied is one fault, and not twenty.

    Those that are only wished for are another one; nobody acts on each, and every build says them again.
    """
    missing: dict[Severity, list[Finding]] = {Severity.ERROR: [], Severity.WARNING: []}
    for finding in findings:
        # A third line of evidence says why the option is off, with a remedy of its own.
        if (
            finding.code == "kernel-symbol-missing"
            and finding.severity in missing
            and len(finding.evidence) == 2
        ):
            missing[finding.severity].append(finding)
        else:
            yield finding
    for severity, alike in missing.items():
        if len(alike) == 1:
            yield alike[0]
        elif severity is Severity.ERROR and alike:
            pairs = [(finding.evidence[0], finding.evidence[1]) for finding in alike]
            seen = [asked._replace(text=f"{asked.text}; {has.source}: {has.text}") for asked, has in pairs]
            yield found("kernel-symbol-missing:needed", seen, count=len(alike))
        elif alike:
            seen = [finding.evidence[-1] for finding in alike]
            yield found("kernel-symbol-missing:several", seen, count=len(alike))


def _config_of(image: Image, kernel: Kernel) -> tuple[str, str] | None:
    if kernel.config is not None:
        return kernel.config, f"{kernel.source} (IKCONFIG)"
    return image.configs.get(kernel.release or "") or image.configs.get("")


def _known(image: Image) -> list[Kernel]:
    return [kernel for kernel in image.kernels if kernel.release]


def image_json(image: Image, wanted: Wanted) -> Iterator[Finding]:
    """The image as the installer sees it."""
    cut_off = any(
        problem.code == "tezi-file-corrupt" and problem.where not in image.files for problem in image.problems
    )
    for finding in installer.check(image.files, image.script_complaints, wanted.product, wanted.with_bench):
        # Of an image that ends early, what comes behind is not missing a second time.
        if not (cut_off and finding.code == "tezi-file-missing"):
            yield finding


RULES: tuple[Rule, ...] = (
    kernels_readable,
    modules_belong_to_kernels,
    folders_belong_to_kernels,
    modules_belong_to_folders,
    modules_are_for_this_kernel,
    modules_can_be_reached,
    symbols_are_there,
    index_is_complete,
    indexes_are_kmods,
    aliases_lead_to_modules,
    modules_are_not_built_in_too,
    device_trees_fit_the_module,
    drivers_are_there,
    drivers_are_not_kept_out,
    symbols_are_set,
)
