# SPDX-License-Identifier: MIT
SUMMARY = "Watches a Huawei modem's connection and brings it back"
DESCRIPTION = "Acts where oFono and ConnMan do not, slower each time; counts, for the journal, JSON and Prometheus."
HOMEPAGE = "https://git.example.org/meta-huawei-modem"
SECTION = "net"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

SRC_URI = " \
    file://Makefile;subdir=${BP} \
    file://watch;subdir=${BP} \
"

inherit features_check systemd

# Nothing is compiled.
INHIBIT_DEFAULT_DEPS = "1"

REQUIRED_DISTRO_FEATURES = "systemd"

SYSTEMD_SERVICE:${PN} = "huawei-modem-watch.service"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    oe_runmake install-watch DESTDIR=${D} \
        bindir=${bindir} \
        sysconfdir=${sysconfdir} \
        helperdir=${nonarch_libdir}/huawei-modem \
        unitdir=${systemd_system_unitdir} \
        PYTHON=${bindir}/python3
}

FILES:${PN} += "${nonarch_libdir}/huawei-modem ${systemd_system_unitdir}"

RDEPENDS:${PN} = "huawei-modem python3-core python3-io python3-json python3-threading"
