# SPDX-License-Identifier: MIT
SUMMARY = "Stands for packages that only packages which no image here has depend on"
DESCRIPTION = "If an image has it, something is missing there: the test looks."
LICENSE = "MIT"

INHIBIT_DEFAULT_DEPS = "1"
RPROVIDES:${PN} = "bash bash-completion coreutils dpkg dpkg-start-stop findutils gawk-dev make perl python3-dbus python3-packaging python3-pefile tar"
ALLOW_EMPTY:${PN} = "1"

# systemd depends on the one in core and never calls it, GLib recommends the other for desktops: an image has them.
PACKAGES =+ "${PN}-shared-mime-info ${PN}-update-rc.d"
RPROVIDES:${PN}-shared-mime-info = "shared-mime-info"
RPROVIDES:${PN}-update-rc.d = "update-rc.d"
ALLOW_EMPTY:${PN}-shared-mime-info = "1"
ALLOW_EMPTY:${PN}-update-rc.d = "1"

deltask do_fetch
deltask do_unpack
deltask do_patch
