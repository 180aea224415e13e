# SPDX-License-Identifier: MIT
SUMMARY = "kern-tools of the commit that core's recipe names, out of a tar instead of the network"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://Kconfiglib/LICENSE.txt;md5=712177a72a3937909543eda3ad1bfb7c"

INHIBIT_DEFAULT_DEPS = "1"

inherit native

SRC_URI = "file://${STUB_KERN_TOOLS};subdir=source"
S = "${WORKDIR}/source/kern-tools"

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
	oe_runmake DESTDIR=${D}${bindir} install
}
