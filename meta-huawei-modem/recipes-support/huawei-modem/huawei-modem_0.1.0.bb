# SPDX-License-Identifier: MIT
SUMMARY = "Huawei USB modems under ConnMan and oFono: udev rules, units and a helper"
DESCRIPTION = "Labels the ports of Huawei modems for oFono, gives their network interface to its driver, \
hands the modem over to ConnMan, and says what is wrong when it does not come up."
HOMEPAGE = "https://git.example.org/meta-huawei-modem"
SECTION = "net"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

# A folder below the work folder has the same name before and after UNPACKDIR came, and is the default S.
SRC_URI = " \
    file://Makefile;subdir=${BP} \
    file://completion;subdir=${BP} \
    file://config.ini;subdir=${BP} \
    file://huawei-modem.in;subdir=${BP} \
    file://huawei_modem;subdir=${BP} \
    file://man;subdir=${BP} \
    file://modeswitch;subdir=${BP} \
    file://modules-load.d;subdir=${BP} \
    file://ppp;subdir=${BP} \
    file://systemd;subdir=${BP} \
    file://udev;subdir=${BP} \
"

inherit features_check systemd

# bytecode: the package huawei-modem-bytecode, for a read-only root file system (docs/dev/performance.md).
PACKAGECONFIG ??= ""
PACKAGECONFIG[bytecode] = ",,python3-native"

# Nothing else is compiled.
INHIBIT_DEFAULT_DEPS = "1"

REQUIRED_DISTRO_FEATURES = "systemd"

# Which mode a stick comes up in where it has several, as in "12d1:1f01=modem-e3372h": docs/sticks.md, Choosing a mode.
HUAWEI_MODEM_MODES ??= ""

# udev starts the other units.
SYSTEMD_SERVICE:${PN} = "huawei-modem-check-modules.service"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

# ConnMan's main.conf is in connman-conf (recipes-connectivity/connman).
do_install() {
    oe_runmake install-helper install-docs install-udev install-units install-modules install-modeswitch install-ppp \
        DESTDIR=${D} \
        prefix=${prefix} \
        bindir=${bindir} \
        sysconfdir=${sysconfdir} \
        helperdir=${nonarch_libdir}/huawei-modem \
        udevdir=${nonarch_base_libdir}/udev \
        unitdir=${systemd_system_unitdir} \
        presetdir=${systemd_unitdir}/system-preset \
        modulesloaddir=${nonarch_libdir}/modules-load.d \
        mandir=${mandir} \
        completiondir=${datadir}/bash-completion/completions \
        PYTHON=${bindir}/python3 \
        modeswitchdir=${datadir}/huawei-modem/modeswitch \
        MODES="${HUAWEI_MODEM_MODES}"
}

huawei_modem_install_bytecode() {
    oe_runmake install-bytecode DESTDIR=${D} \
        helperdir=${nonarch_libdir}/huawei-modem \
        COMPILER=${STAGING_BINDIR_NATIVE}/python3-native/python3
}
huawei_modem_install_bytecode[dirs] = "${B}"
do_install[postfuncs] += "${@bb.utils.contains('PACKAGECONFIG', 'bytecode', 'huawei_modem_install_bytecode', '', d)}"

# As the class bash-completion has it, without its need of bash-completion to build. The files for a team that
# dials with pppd, which needs nothing else of the helper. And the labels of the ports, which help ModemManager
# too: the units that they ask for are the helper's, and systemd passes over a unit that is not there.
#
# What `huawei-modem doctor FILE` needs for logs, two fifths of the helper, is a package of its own: a board that is
# short of room does without it, and sends a capture.
PACKAGES =+ "${PN}-bash-completion ${PN}-ppp ${PN}-bytecode ${PN}-udev ${PN}-transcript"
FILES:${PN} += "\
    ${nonarch_libdir}/huawei-modem \
    ${nonarch_libdir}/modules-load.d \
    ${systemd_system_unitdir} \
    ${systemd_unitdir}/system-preset \
"
FILES:${PN}-bash-completion += "${datadir}/bash-completion"
FILES:${PN}-ppp += "${sysconfdir}/ppp"
FILES:${PN}-udev += "${nonarch_base_libdir}/udev"
FILES:${PN}-transcript += "\
    ${nonarch_libdir}/huawei-modem/huawei_modem/transcript/*.py \
    ${nonarch_libdir}/huawei-modem/huawei_modem/transcript/*.json \
    ${nonarch_libdir}/huawei-modem/huawei_modem/transcript/words.txt \
    ${nonarch_libdir}/huawei-modem/huawei_modem/transcript/*/*.py \
"
FILES:${PN}-bytecode += "\
    ${nonarch_libdir}/huawei-modem/huawei_modem/__pycache__ \
    ${nonarch_libdir}/huawei-modem/huawei_modem/*/__pycache__ \
    ${nonarch_libdir}/huawei-modem/huawei_modem/*/*/__pycache__ \
"

CONFFILES:${PN}-ppp = "${sysconfdir}/ppp/peers/huawei-modem ${sysconfdir}/ppp/chat/huawei-modem"

# io has the sockets and termios, and profile is where kirkstone has dataclasses.
RDEPENDS:${PN} = "${PN}-udev \
    python3-compression python3-core python3-difflib python3-fcntl python3-io python3-json python3-profile \
"
RDEPENDS:${PN}-bash-completion = "bash-completion"
RDEPENDS:${PN}-ppp = "ppp"
RDEPENDS:${PN}-bytecode = "${PN}"
RDEPENDS:${PN}-transcript = "${PN}"
# The daemons are in packagegroup-huawei-modem.
RRECOMMENDS:${PN} = "kernel-module-tun kmod ${PN}-transcript"
