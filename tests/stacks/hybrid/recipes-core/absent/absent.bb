# SPDX-License-Identifier: MIT
SUMMARY = "Stands for packages that only packages which no image here has depend on"
DESCRIPTION = "If an image has it, something is missing there: the test looks."
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"
PROVIDES += "virtual/dtb"
RPROVIDES:${PN} = "bash bash-completion coreutils dpkg dpkg-start-stop findutils gawk-dev make perl python3-dbus python3-packaging shared-mime-info tar update-rc.d"
ALLOW_EMPTY:${PN} = "1"

deltask do_fetch
deltask do_unpack
deltask do_patch
