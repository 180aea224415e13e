# SPDX-License-Identifier: MIT
SUMMARY = "Toradex's device tree overlays, none of them"
DESCRIPTION = "What toradex-devicetree.bbclass deploys where none is chosen: without overlays.txt boot.scr stops."
LICENSE = "MIT"

inherit deploy nopackages

INHIBIT_DEFAULT_DEPS = "1"
PACKAGE_ARCH = "${MACHINE_ARCH}"
PROVIDES = "virtual/dtb"

deltask do_fetch
deltask do_unpack
deltask do_patch

do_deploy() {
	install -d ${DEPLOYDIR}/overlays
	touch ${DEPLOYDIR}/overlays/none_deployed
	echo "fdt_overlays=" > ${DEPLOYDIR}/overlays.txt
}
addtask deploy after do_install before do_build
