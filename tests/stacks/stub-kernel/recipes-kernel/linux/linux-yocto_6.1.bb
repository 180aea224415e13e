# SPDX-License-Identifier: MIT
# Has the name of a kernel that this layer appends to.
SUMMARY = "Debian's linux-source, as much of it as a configuration needs"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://COPYING;md5=6bc538ed5bd9a7fc9398086aedcd7e46"

inherit kernel kernel-yocto

LINUX_VERSION = "6.1"
# Debian's package moves on within 6.1.
KERNEL_VERSION_SANITY_SKIP = "1"
SRC_URI = "file://${STUB_LINUX};subdir=source"
S = "${WORKDIR}/source/linux-source-6.1"

KBUILD_DEFCONFIG = "imx_v6_v7_defconfig"
KCONFIG_MODE = "alldefconfig"
# What poky asks of a kernel with this name is in metadata that is not here.
KERNEL_FEATURES:remove = "features/nfsd/nfsd-enable.scc"
# As Toradex's recipes have it: only the layer's own gate is left.
do_kernel_configcheck[noexec] = "1"

# Debian's cross compiler.
TARGET_PREFIX = "arm-linux-gnueabihf-"
DEBUG_PREFIX_MAP = ""
FILESEXTRAPATHS:prepend := "${THISDIR}/../files:"
