# SPDX-License-Identifier: MIT
require huawei-modem-kernel.inc
