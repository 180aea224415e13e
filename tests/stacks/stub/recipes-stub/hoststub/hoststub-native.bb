# SPDX-License-Identifier: MIT
SUMMARY = "Stands for tools that the host has, or that nothing here needs"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"

inherit native

# Tasks ask for these by name, whether or not a recipe has anything for them to do.
PROVIDES += " \
    binutils-cross-arm \
    cross-localedef-native \
    dpkg-native \
    dwarfsrcfiles-native \
    file-replacement-native \
    opkg-native \
    opkg-utils-native \
    patch-replacement-native \
    pseudo-native \
    quilt-native \
    rpm-native \
    systemd-systemctl-native \
    tar-replacement-native \
    virtual/arm-poky-linux-gnueabi-binutils \
    virtual/fakeroot-native \
    xz-native \
    zstd-native \
"

deltask do_fetch
deltask do_unpack
deltask do_patch
