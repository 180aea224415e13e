# SPDX-License-Identifier: MIT
# Debian's source of U-Boot 2023.01 in the place of Toradex's 2024.07 with its patches. The bench does not run it.
TDX_PATCHES = ""
SRC_URI = "file://${HYBRID_SOURCES}/u-boot-2023.01.tar;subdir=git"
LIC_FILES_CHKSUM = "file://Licenses/gpl-2.0.txt;md5=b234ee4d69f5fce4486a80fdaf4a4263"

# Its version is the commit of a git repository.
do_configure:prepend() {
	[ -d ${S}/.git ] || (cd ${S} && git init -q . && git -c user.name=test -c user.email=test commit -q --allow-empty -m stand-in)
}
