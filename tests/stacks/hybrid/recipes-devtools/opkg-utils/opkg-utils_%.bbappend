# SPDX-License-Identifier: MIT
# Of the script update-alternatives alone: the packages here are no ipk, and the patch is for a later opkg-build.
SRC_URI:remove = "file://0001-opkg-build-remove-numeric-owner-parameter-overzealou.patch"
PACKAGECONFIG:class-target = "update-alternatives"
RDEPENDS:${PN}:class-target = ""
