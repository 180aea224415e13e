# SPDX-License-Identifier: MIT
SUMMARY = "Stands for the host's tools that a kernel recipe asks for"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"

inherit native

PROVIDES += " \
    bc-native \
    bison-native \
    depmodwrapper-cross \
    flex-native \
    gmp-native \
    gzip-native \
    kmod-native \
    libmpc-native \
    lzop-native \
    make-mod-scripts \
    ncurses-native \
    openssl-native \
    pkgconfig-native \
    virtual/arm-linux-gnueabihf-binutils \
    virtual/arm-linux-gnueabihf-gcc \
    virtual/update-alternatives-native \
"

deltask do_fetch
deltask do_unpack
deltask do_patch
