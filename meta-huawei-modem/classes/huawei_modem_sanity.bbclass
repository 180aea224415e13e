# SPDX-License-Identifier: MIT
#
# Stops a build that would end in an image without a working modem, and names the line to add. Each of these
# passes bitbake in silence; the rules are in lib/huawei_modem_config. Without the feature huawei-modem only what
# looks like a misspelt one is looked for.

# A team's own kernels that have an append with
#   require recipes-kernel/linux/huawei-modem-kernel.inc
# Those that have one in this layer are known (lib/huawei_modem_config/rules.py).
HUAWEI_MODEM_KERNELS ??= ""

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

# Of a build with several configurations (BBMULTICONFIG) each is judged.
python huawei_modem_sanity() {
    multi = e.data.getVar("BB_CURRENT_MC") or "default"
    who = "meta-huawei-modem: " if multi == "default" else "meta-huawei-modem: multiconfig %s: " % multi
    verdict = huawei_modem_verdict(e.data)
    for text in verdict.warnings:
        bb.warn(who + text)
    if verdict.faults:
        bb.fatal("\n".join(who + fault for fault in verdict.faults))
}
addhandler huawei_modem_sanity
huawei_modem_sanity[eventmask] = "bb.event.SanityCheck"
