# SPDX-License-Identifier: MIT
require ${@bb.utils.contains('DISTRO_FEATURES', 'huawei-modem', 'ofono-huawei-modem.inc', '', d)}
