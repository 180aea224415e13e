# SPDX-License-Identifier: MIT
require ${@bb.utils.contains('DISTRO_FEATURES', 'huawei-modem', 'connman-conf-huawei-modem.inc', '', d)}
