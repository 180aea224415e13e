# SPDX-License-Identifier: MIT
SUMMARY = "A small image that goes online with a Huawei USB modem"
DESCRIPTION = "Boots with systemd, connects through ConnMan, and is reached by SSH with a key alone. \
A starting point: install packagegroup-huawei-modem in an image of your own for more."
HOMEPAGE = "https://git.example.org/meta-huawei-modem"
LICENSE = "MIT"

inherit core-image features_check

REQUIRED_DISTRO_FEATURES = "huawei-modem systemd"

# "off": the cellular network reaches what the device listens on.
HUAWEI_MODEM_FILTER ??= "on"

IMAGE_FEATURES += "ssh-server-dropbear"
IMAGE_INSTALL = "\
    packagegroup-core-boot \
    packagegroup-huawei-modem \
    ${@bb.utils.contains('HUAWEI_MODEM_FILTER', 'on', 'huawei-modem-filter', '', d)} \
    ${CORE_IMAGE_EXTRA_INSTALL} \
"
IMAGE_LINGUAS = ""
# GLib recommends it, for desktops: 2 MB of file types, with libxml2, and no program here reads them.
BAD_RECOMMENDATIONS += "shared-mime-info"

# -s: no passwords. Without -w, the package's default, so that root's keys are accepted.
huawei_modem_ssh_by_key_only() {
    if [ -e ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear ]; then
        sed -i '/^DROPBEAR_EXTRA_ARGS=/d' ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear
        echo 'DROPBEAR_EXTRA_ARGS="-s"' >> ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear
    fi
}

# A debug image asks for logins without a password: it gets them.
ROOTFS_POSTPROCESS_COMMAND += "\
    ${@bb.utils.contains_any('IMAGE_FEATURES', 'allow-empty-password debug-tweaks', '', 'huawei_modem_ssh_by_key_only;', d)} \
"
