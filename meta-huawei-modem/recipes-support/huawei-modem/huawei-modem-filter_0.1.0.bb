# SPDX-License-Identifier: MIT
SUMMARY = "Keeps the cellular network out: answers and ICMP come in, nothing else"
DESCRIPTION = "Rules for ppp* and ww*, loaded before any interface is up, by iptables or nft."
HOMEPAGE = "https://git.example.org/meta-huawei-modem"
SECTION = "net"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

SRC_URI = " \
    file://Makefile;subdir=${BP} \
    file://filter;subdir=${BP} \
"

inherit features_check systemd

# Nothing is compiled.
INHIBIT_DEFAULT_DEPS = "1"

REQUIRED_DISTRO_FEATURES = "systemd"

# What the rules are loaded with; ConnMan uses the same.
HUAWEI_MODEM_FIREWALL ??= "iptables"

# nooelint: oelint.task.noanonpython - nftables is in meta-networking, iptables in core: skipped, not a broken world
python () {
    layers = (d.getVar("BBFILE_COLLECTIONS") or "").split()
    if d.getVar("HUAWEI_MODEM_FIREWALL") == "nftables" and "networking-layer" not in layers:
        raise bb.parse.SkipRecipe("nftables is in meta-networking, which is not among the layers")
}

SYSTEMD_SERVICE:${PN} = "huawei-modem-filter.service"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    oe_runmake install-filter DESTDIR=${D} \
        sbindir=${sbindir} \
        sysconfdir=${sysconfdir} \
        helperdir=${nonarch_libdir}/huawei-modem \
        unitdir=${systemd_system_unitdir} \
        FIREWALL=${HUAWEI_MODEM_FIREWALL}
}

FILES:${PN} += "${nonarch_libdir}/huawei-modem ${systemd_system_unitdir}"

CONFFILES:${PN} = "${@bb.utils.contains('HUAWEI_MODEM_FIREWALL', 'nftables', \
    '${sysconfdir}/huawei-modem/filter.nft', '${sysconfdir}/huawei-modem/filter.iptables', d)}"

RDEPENDS:${PN} = "${HUAWEI_MODEM_FIREWALL}"
# Recommended: a kernel may have any of them built in.
RRECOMMENDS:${PN} = "${@bb.utils.contains('HUAWEI_MODEM_FIREWALL', 'nftables', \
    'kernel-module-nf-tables kernel-module-nft-ct', \
    'kernel-module-ip6table-filter kernel-module-iptable-filter kernel-module-xt-conntrack', d)}"
