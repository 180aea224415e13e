# SPDX-License-Identifier: MIT
#
# Stops the build of a kernel whose configuration lacks what USB modems need. A line in a fragment is no order:
# make drops what it does not know or cannot allow, without a word, and some kernels switch Yocto's own check off
# (do_kernel_configcheck). After do_configure this compares ${B}/.config with every line of this layer's fragments
# and with required.toml, and with the configuration as it would be without them: nothing that was built in may
# have become a module. huawei-modem-kernel.inc inherits it; so can a kernel recipe of yours that is configured in its
# own way: inherit huawei_modem_kernel_gate.

# What is compared. A recipe that gets our fragments (huawei-modem-kernel.inc) has those in its SRC_URI; one of yours that
# inherits this class alone is held against all that the layer has for its version. Fragments of your own can be added,
# by path.
HUAWEI_MODEM_KERNEL_FRAGMENTS ?= "${@huawei_modem_all_fragments(d)}"
# "error", "warn", or "off", which leaves the task out.
HUAWEI_MODEM_KERNEL_GATE ?= "error"
# Symbols whose value you know of and accept, without CONFIG_.
HUAWEI_MODEM_KERNEL_ACCEPTED ?= ""

HUAWEI_MODEM_KERNEL_REQUIRED = "${HUAWEI_MODEM_LAYERDIR}/recipes-kernel/linux/files/huawei-modem/required.toml"
# Here, since kirkstone has no other way to say where a layer's Python is that all releases know.
HUAWEI_MODEM_PYTHON = "${HUAWEI_MODEM_LAYERDIR}/lib ${HUAWEI_MODEM_LAYERDIR}/recipes-support/huawei-modem/files"
HUAWEI_MODEM_KERNEL_WORK = "${WORKDIR}/huawei-modem-kernel-gate"

def huawei_modem_fragments(d):
    """The .cfg files of SRC_URI that lie in a folder huawei-modem, as FILESPATH finds them."""
    words = [word.split(";")[0] for word in (d.getVar("SRC_URI") or "").split()]
    names = [word[len("file://"):] for word in words if word.startswith("file://huawei-modem/")]
    found = [bb.utils.which(d.getVar("FILESPATH"), name) for name in names if name.endswith(".cfg")]
    return " ".join(path for path in found if path)

def huawei_modem_legacy_tables(d):
    """Whether the kernel has the symbols of that fragment: from 6.17 on (required.toml)."""
    import re

    version = d.getVar("LINUX_VERSION") or d.getVar("PV") or ""
    return [int(number) for number in re.findall(r"\d+", version)[:2]] >= [6, 17]

def huawei_modem_all_fragments(d):
    """The layer's .cfg files for the version of the kernel."""
    import glob

    found = sorted(glob.glob(os.path.join(os.path.dirname(d.getVar("HUAWEI_MODEM_KERNEL_REQUIRED")), "*.cfg")))
    legacy = "huawei-modem-legacy-tables.cfg"
    return " ".join(path for path in found if os.path.basename(path) != legacy or huawei_modem_legacy_tables(d))

# Before anything is built: a path that is none would end the gate, and with it an hour's work, as a fault of Python.
# nooelint: oelint.task.noanonpython - a value of a recipe's append is known when the recipe is parsed, not earlier
python () {
    if d.getVar("HUAWEI_MODEM_KERNEL_GATE") == "off":
        bb.build.deltask("do_huawei_modem_kernel_gate", d)
        return
    for path in (d.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS") or "").split():
        if not (os.path.isabs(path) and os.path.isfile(path)):
            bb.fatal(
                'HUAWEI_MODEM_KERNEL_FRAGMENTS: "%s" is not the absolute path of a file on this machine. In the '
                'kernel\'s append (with :=, since THISDIR is another folder later):\n'
                '    HUAWEI_MODEM_KERNEL_FRAGMENTS:append := " ${THISDIR}/files/my-own.cfg"' % path
            )
}

# The configuration that the kernel has without this layer's fragments, as do_kernel_configme and do_configure make
# one, and the environment in which make has the Kconfig files read. Leaves nothing when the kernel's configuration
# is made in another way.
huawei_modem_kernel_base() {
    work=${HUAWEI_MODEM_KERNEL_WORK}
    cd ${S}
    if ! command -v scc >/dev/null || ! command -v kgit >/dev/null; then
        bbnote "no kern-tools: not compared with the configuration without this layer's fragments"
        return
    fi
    meta_dir=$(kgit --meta)
    if ! all=$(scc --configs -o $meta_dir); then
        bbnote "no list of fragments: not compared with the configuration without this layer's"
        return
    fi
    # kern-tools has copied the fragments and forgotten where from: their content says which they are.
    configs=""
    for config in $all; do
        ours=""
        for fragment in ${HUAWEI_MODEM_KERNEL_FRAGMENTS}; do
            if cmp -s $config $fragment; then
                ours=$fragment
            fi
        done
        if [ -z "$ours" ]; then
            configs="$configs $config"
        fi
    done
    case "${KCONFIG_MODE}" in
        *allnoconfig) flags="-n" ;;
        *alldefconfig) flags="" ;;
        *) flags="${@'-n' if os.path.exists(os.path.join(d.getVar('UNPACKDIR') or d.getVar('WORKDIR'), 'defconfig')) else ''}" ;;
    esac
    mkdir -p $work/base
    CFLAGS="${CFLAGS} ${TOOLCHAIN_OPTIONS}" HOSTCC="${BUILD_CC} ${BUILD_CFLAGS} ${BUILD_LDFLAGS}" \
        HOSTCPP="${BUILD_CPP}" CC="${KERNEL_CC}" LD="${KERNEL_LD}" OBJCOPY="${KERNEL_OBJCOPY}" \
        STRIP="${KERNEL_STRIP}" ARCH=${ARCH} merge_config.sh -O $work/base $flags $configs >$work/merge.log 2>&1 \
        || bbfatal "the configuration without this layer's fragments cannot be made: see $work/merge.log"
    oe_runmake -C ${S} O=$work/base olddefconfig
    printf 'snapshot := $(shell,env -0 >"%s")\nconfig SNAPSHOT\n\tbool "snapshot"\n' $work/environment >$work/Kconfig
    mkdir -p $work/snapshot
    oe_runmake -C ${S} O=$work/snapshot KBUILD_KCONFIG=$work/Kconfig olddefconfig \
        || bbnote "Kconfig's environment cannot be had: no reasons"
}

python do_huawei_modem_kernel_gate() {
    import sys
    from pathlib import Path

    # No compiled files in the layer: a build leaves a layer as it is.
    sys.dont_write_bytecode = True
    # kern-tools-native brings a kconfiglib.
    sys.path += d.getVar("HUAWEI_MODEM_PYTHON").split() + [d.getVar("STAGING_BINDIR_NATIVE")]
    from huawei_modem_kernel import gate

    config = Path(d.getVar("B"), ".config")
    if not config.is_file():
        bb.fatal("%s: there is none after do_configure" % config)
    bb.build.exec_func("huawei_modem_kernel_base", d)
    work = Path(d.getVar("HUAWEI_MODEM_KERNEL_WORK"))
    base = work / "base" / ".config"
    environment = work / "environment"

    def read():
        from huawei_modem_kernel.kconfig import Model

        entries = environment.read_text("utf-8", "replace").split("\0")
        pairs = dict(entry.split("=", 1) for entry in entries if "=" in entry)
        pairs.pop("KBUILD_KCONFIG", None)
        return Model(Path(d.getVar("S")), d.getVar("LINUX_VERSION") or d.getVar("PV"), pairs, work)

    asked = gate.asked_of(
        [Path(name) for name in d.getVar("HUAWEI_MODEM_KERNEL_FRAGMENTS").split()],
        Path(d.getVar("HUAWEI_MODEM_KERNEL_REQUIRED")),
        d.getVar("HUAWEI_MODEM_KERNEL_ACCEPTED").split(),
    )
    verdict = gate.judge(
        asked,
        config.read_text("utf-8"),
        str(config),
        base.read_text("utf-8") if base.is_file() else None,
        read if environment.is_file() else None,
    )
    if verdict.warning:
        bb.warn("%s: the kernel's configuration:\n%s" % (d.getVar("PN"), verdict.warning))
    if verdict.fatal:
        message = "%s: the kernel's configuration lacks what USB modems need (docs/kernel.md of meta-huawei-modem):\n%s" % (
            d.getVar("PN"), verdict.fatal
        )
        if d.getVar("HUAWEI_MODEM_KERNEL_GATE") == "warn":
            bb.warn(message)
        else:
            bb.fatal(message)
}

addtask huawei_modem_kernel_gate after do_configure before do_compile
do_huawei_modem_kernel_gate[dirs] = "${B}"
do_huawei_modem_kernel_gate[cleandirs] = "${HUAWEI_MODEM_KERNEL_WORK}"
# Judged anew when something else is asked. The judge itself is left out: a kernel need not be compiled again for
# another word in a message.
do_huawei_modem_kernel_gate[file-checksums] = " \
    ${HUAWEI_MODEM_KERNEL_REQUIRED}:True \
    ${@' '.join(path + ':True' for path in d.getVar('HUAWEI_MODEM_KERNEL_FRAGMENTS').split())} \
"
