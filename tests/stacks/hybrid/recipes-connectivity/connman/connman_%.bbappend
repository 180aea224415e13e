# SPDX-License-Identifier: MIT
# The commit "Release 1.42" of the clone has it already; the release's tar has not.
SRC_URI:remove = "file://0001-vpn-Adding-support-for-latest-pppd-2.5.0-release.patch"

do_configure:prepend() {
	mkdir -p ${S}/build-aux
}
