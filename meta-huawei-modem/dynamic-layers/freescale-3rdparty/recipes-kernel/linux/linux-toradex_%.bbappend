# SPDX-License-Identifier: MIT
require ${HUAWEI_MODEM_KERNEL_INC}
