# SPDX-License-Identifier: MIT
SUMMARY = "Stands for packages of other layers that ours need at run time"
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"

RPROVIDES:${PN} = " \
    bash-completion \
    connman \
    connman-client \
    iptables \
    kmod \
    nftables \
    ofono \
    ppp \
    python3-compression \
    python3-core \
    python3-difflib \
    python3-fcntl \
    python3-io \
    python3-json \
    python3-profile \
    python3-threading \
    usb-modeswitch \
    usb-modeswitch-data \
"
# As a kernel has it.
PACKAGES_DYNAMIC = "^kernel-module-.*"
ALLOW_EMPTY:${PN} = "1"

deltask do_fetch
deltask do_unpack
deltask do_patch
