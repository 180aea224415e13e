# SPDX-License-Identifier: MIT
SUMMARY = "Deploys what a kernel and U-Boot would: files that the test made"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"
PROVIDES = "${PN} virtual/kernel"
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit deploy nopackages

deltask do_fetch
deltask do_unpack
deltask do_patch
do_configure[noexec] = "1"
do_compile[noexec] = "1"
do_install[noexec] = "1"

do_deploy() {
	cp -r ${STUB_FILES}/deploy/. ${DEPLOYDIR}
}
do_deploy[nostamp] = "1"
addtask deploy after do_install before do_build
