# SPDX-License-Identifier: MIT
# The wildcard spans the names too: linux-toradex-upstream and -upstream-rt of scarthgap,
# linux-toradex-mainline and -mainline-rt of kirkstone. A name in full would dangle in the other release.
require recipes-kernel/linux/huawei-modem-append.inc
