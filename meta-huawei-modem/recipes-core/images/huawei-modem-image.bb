# SPDX-License-Identifier: MIT
SUMMARY = "A small image that goes online with a Huawei USB modem"
DESCRIPTION = "Boots with systemd, connects through ConnMan, and is reached by SSH with a key alone. \
A starting point: install packagegroup-huawei-modem in an image of your own for more."
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

# The keys that may log in as root: an authorized_keys file on the build host. Without one there is no way in
# by SSH, and no password either: nothing is open by default.
HUAWEI_MODEM_AUTHORIZED_KEYS ??= ""

do_rootfs[file-checksums] += "${@'%s:True' % d.getVar('HUAWEI_MODEM_AUTHORIZED_KEYS') \
    if d.getVar('HUAWEI_MODEM_AUTHORIZED_KEYS') else ''}"

# -s: no passwords. Without -w, the package's default, so that root's keys are accepted.
ssh_by_key_only() {
    sed -i '/^DROPBEAR_EXTRA_ARGS=/d' ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear
    echo 'DROPBEAR_EXTRA_ARGS="-s"' >> ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear
}

install_authorized_keys() {
    install -d -m 0700 ${IMAGE_ROOTFS}${ROOT_HOME}/.ssh
    install -m 0600 ${HUAWEI_MODEM_AUTHORIZED_KEYS} ${IMAGE_ROOTFS}${ROOT_HOME}/.ssh/authorized_keys
}

# A debug image asks for logins without a password: it gets them.
ROOTFS_POSTPROCESS_COMMAND += "\
    ${@bb.utils.contains_any('IMAGE_FEATURES', 'allow-empty-password debug-tweaks', '', 'ssh_by_key_only;', d)} \
    ${@'install_authorized_keys;' if d.getVar('HUAWEI_MODEM_AUTHORIZED_KEYS') else ''} \
"
