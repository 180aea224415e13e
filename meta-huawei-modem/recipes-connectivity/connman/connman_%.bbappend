# SPDX-License-Identifier: MIT
require ${@bb.utils.contains('DISTRO_FEATURES', 'huawei-modem', 'connman-huawei-modem.inc', '', d)}
