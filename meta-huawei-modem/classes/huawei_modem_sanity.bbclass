# SPDX-License-Identifier: MIT
#
# Stops a build that would end in an image without a working modem, and names the line to add. Each of these
# passes bitbake in silence; the rules are in lib/huawei_modem_config. Without the feature huawei-modem only what
# looks like a misspelt one is looked for.

# Kernels whose recipe has an append in this layer. A team with another one has an append of its own with
#   require recipes-kernel/linux/huawei-modem-kernel.inc
# and adds the name.
HUAWEI_MODEM_KERNELS ?= " \
    linux-fslc linux-fslc-lts \
    linux-toradex linux-toradex-mainline linux-toradex-mainline-rt \
    linux-toradex-upstream linux-toradex-upstream-rt \
    linux-yocto \
"

def huawei_modem_verdict(d):
    """The faults and the warnings about the configuration."""
    import sys

    # A build leaves a layer as it is: no compiled files in it.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    lib = os.path.join(d.getVar("HUAWEI_MODEM_LAYERDIR"), "lib")
    if lib not in sys.path:
        sys.path.append(lib)
    try:
        from huawei_modem_config.rules import judge
    finally:
        sys.dont_write_bytecode = writes
    return judge(d.getVar, d.keys())

python huawei_modem_sanity() {
    verdict = huawei_modem_verdict(e.data)
    for text in verdict.warnings:
        bb.warn("meta-huawei-modem: " + text)
    if verdict.faults:
        bb.fatal("\n".join("meta-huawei-modem: " + fault for fault in verdict.faults))
}
addhandler huawei_modem_sanity
huawei_modem_sanity[eventmask] = "bb.event.SanityCheck"
