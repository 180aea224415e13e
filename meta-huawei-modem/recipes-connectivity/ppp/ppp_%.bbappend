# SPDX-License-Identifier: MIT
require ${@bb.utils.contains('DISTRO_FEATURES', 'huawei-modem', 'ppp-huawei-modem.inc', '', d)}
