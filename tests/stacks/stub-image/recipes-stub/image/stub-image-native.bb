# SPDX-License-Identifier: MIT
SUMMARY = "Stands for what inflates a kernel: the host has it"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"

inherit native

PROVIDES += "lz4-native lzop-native"

deltask do_fetch
deltask do_unpack
deltask do_patch
