# SPDX-License-Identifier: MIT
# Debian's systemd has bash for its debug shell, core's has sh.
hybrid_debug_shell() {
    sed -i 's,/bin/bash,${base_bindir}/sh,' ${IMAGE_ROOTFS}${systemd_system_unitdir}/debug-shell.service
}
ROOTFS_POSTPROCESS_COMMAND += "hybrid_debug_shell;"

require ${@bb.utils.contains('IMAGE_FSTYPES', 'teziimg', 'huawei-modem-tezi.inc', '', d)}
