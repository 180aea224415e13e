# SPDX-License-Identifier: MIT
# Debian's linux-source in the place of linux-yocto and its metadata: the small configuration of the bench's kernel, and
# what QEMU's virt machine has over that.

FILESEXTRAPATHS:prepend := "${THISDIR}/qemuarm:${THISDIR}/files:"

SRC_URI = "file://${HYBRID_SOURCES}/linux-${HYBRID_KERNEL}.tar;subdir=linux file://defconfig file://virt.cfg"
S = "${UNPACKDIR}/linux"
SRCREV_machine:forcevariable = ""
SRCREV_meta = ""
LINUX_VERSION = "${HYBRID_KERNEL}"
PV = "${HYBRID_KERNEL}"
BBCLASSEXTEND = ""
KCONFIG_MODE = "--allnoconfig"
KERNEL_VERSION_SANITY_SKIP = "1"
# The features that core asks for are files of the metadata.
KERNEL_DANGLING_FEATURES_WARN_ONLY = "1"
