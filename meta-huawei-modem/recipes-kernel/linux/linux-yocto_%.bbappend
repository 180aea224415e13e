# SPDX-License-Identifier: MIT
require recipes-kernel/linux/huawei-modem-append.inc
