# SPDX-License-Identifier: MIT
#
# Stops a build that would end in an image without a working modem, and names the line to add. Each of these
# passes bitbake in silence. Nothing is looked at unless the feature huawei-modem is asked for.

# Kernels whose recipe has an append in this layer. A team with another one has an append of its own with
#   require ${HUAWEI_MODEM_LAYERDIR}/recipes-kernel/linux/huawei-modem-kernel.inc
# and adds the name.
HUAWEI_MODEM_KERNELS ?= " \
    linux-fslc linux-fslc-lts \
    linux-toradex linux-toradex-mainline linux-toradex-mainline-rt \
    linux-toradex-upstream linux-toradex-upstream-rt \
    linux-yocto \
"

# Machines whose Toradex settings are in an include file that their own configuration does not read.
HUAWEI_MODEM_TORADEX_INCLUDE[colibri-imx7-emmc] = "conf/machine/include/colibri-imx7-emmc.inc"
HUAWEI_MODEM_TORADEX_INCLUDE[colibri-imx7] = "conf/machine/include/colibri-imx7.inc"
HUAWEI_MODEM_TORADEX_INCLUDE[colibri-imx7-nand] = "conf/machine/include/colibri-imx7.inc"

def huawei_modem_faults(d):
    """What is wrong with the configuration, one message each, with the line to add; empty when all is right."""
    distro = (d.getVar("DISTRO_FEATURES") or "").split()
    machine = (d.getVar("MACHINE_FEATURES") or "").split()
    if "huawei-modem" not in distro + machine:
        return []
    faults = []

    include = d.getVarFlag("HUAWEI_MODEM_TORADEX_INCLUDE", d.getVar("MACHINE"))
    toradex = "toradex-nxp-layer" in (d.getVar("BBFILE_COLLECTIONS") or "").split()
    if include and toradex and not d.getVar("TORADEX_PRODUCT_IDS"):
        faults.append(
            "meta-toradex-nxp's settings of %s were not read: the build would take another kernel and make no "
            "Easy Installer image. Add to conf/local.conf:\n    require %s" % (d.getVar("MACHINE"), include)
        )

    kernel = d.getVar("PREFERRED_PROVIDER_virtual/kernel")
    if kernel and kernel not in d.getVar("HUAWEI_MODEM_KERNELS").split():
        faults.append(
            "the kernel %s does not get this layer's options. Write into a %s_%%.bbappend of your layer\n"
            "    require ${HUAWEI_MODEM_LAYERDIR}/recipes-kernel/linux/huawei-modem-kernel.inc\n"
            'and add to its conf/layer.conf:\n    HUAWEI_MODEM_KERNELS:append = " %s"' % (kernel, kernel, kernel)
        )

    # The machine's feature is for the kernel alone; what follows is about the daemons.
    if "huawei-modem" not in distro:
        return faults
    for name in ("HUAWEI_MODEM_AUTHORIZED_KEYS", "HUAWEI_MODEM_CONFIG"):
        path = d.getVar(name)
        if path and not (os.path.isabs(path) and os.path.isfile(path)):
            faults.append('%s = "%s" is not the absolute path of a file on this machine' % (name, path))
    if "systemd" not in distro:
        faults.append(
            'the units that bring a modem up are systemd\'s. Add to conf/local.conf:\n    INIT_MANAGER = "systemd"'
        )
    if "3g" not in distro:
        faults.append(
            "without 3g other recipes leave cellular networks out. Add to conf/local.conf:\n"
            '    DISTRO_FEATURES:append = " 3g"'
        )
    stack = d.getVar("HUAWEI_MODEM_STACK") or "ofono"
    if stack not in ("ofono", "modemmanager"):
        faults.append('HUAWEI_MODEM_STACK = "%s" is neither ofono nor modemmanager' % stack)
    firewall = d.getVar("HUAWEI_MODEM_FIREWALL") or "iptables"
    if firewall not in ("iptables", "nftables"):
        faults.append('HUAWEI_MODEM_FIREWALL = "%s" is neither iptables nor nftables' % firewall)
    networking = "networking-layer" in (d.getVar("BBFILE_COLLECTIONS") or "").split()
    for choice, wanted in ((stack, "modemmanager"), (firewall, "nftables")):
        if choice == wanted and not networking:
            faults.append(
                "%s needs recipes of meta-networking, and that meta-python; both are in meta-openembedded:\n"
                "    bitbake-layers add-layer meta-python meta-networking" % wanted
            )
    return faults

python huawei_modem_sanity() {
    faults = huawei_modem_faults(e.data)
    if faults:
        bb.fatal("\n".join("meta-huawei-modem: " + fault for fault in faults))
}
addhandler huawei_modem_sanity
huawei_modem_sanity[eventmask] = "bb.event.SanityCheck"
