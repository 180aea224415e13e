# SPDX-License-Identifier: MIT
# A release's tar has the folder, a clone has not.
do_configure:prepend() {
	mkdir -p ${S}/build-aux
}
