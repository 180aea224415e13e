# SPDX-License-Identifier: MIT
SUMMARY = "Stands for tools that the host has, or that nothing here needs"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"

inherit native

PROVIDES += " \
    bc-native \
    bison-native \
    cross-localedef-native \
    depmodwrapper-cross \
    dpkg-native \
    dwarfsrcfiles-native \
    file-replacement-native \
    flex-native \
    gmp-native \
    gzip-native \
    kmod-native \
    libmpc-native \
    lzop-native \
    make-mod-scripts \
    ncurses-native \
    openssl-native \
    opkg-native \
    opkg-utils-native \
    patch-replacement-native \
    pkgconfig-native \
    pseudo-native \
    quilt-native \
    rpm-native \
    systemd-systemctl-native \
    tar-replacement-native \
    virtual/arm-linux-gnueabihf-binutils \
    virtual/arm-linux-gnueabihf-gcc \
    virtual/arm-poky-linux-gnueabi-binutils \
    virtual/fakeroot-native \
    virtual/update-alternatives-native \
    xz-native \
    zstd-native \
"

deltask do_fetch
deltask do_unpack
deltask do_patch
