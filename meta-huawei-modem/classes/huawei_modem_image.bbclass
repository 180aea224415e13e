# SPDX-License-Identifier: MIT
#
# What a team gives to its images: root's keys and the SIM's access point. Inherited by every image of a build that
# asks for the feature. Images without the modem's udev rules, such as an initramfs, are left alone. The files go
# straight into the root file system: a package would carry the access point's password into shared state and feeds.

# The keys that may log in as root: the absolute path of an authorized_keys file on the build host.
HUAWEI_MODEM_AUTHORIZED_KEYS ??= ""
# The access point of the SIM: the absolute path of the file that becomes /etc/huawei-modem/config.ini.
HUAWEI_MODEM_CONFIG ??= ""
HUAWEI_MODEM_IMAGE_RULES = "${IMAGE_ROOTFS}${nonarch_base_libdir}/udev/rules.d/70-huawei-modem.rules"

do_rootfs[file-checksums] += "${@' '.join('%s:True' % d.getVar(name) \
    for name in ('HUAWEI_MODEM_AUTHORIZED_KEYS', 'HUAWEI_MODEM_CONFIG') if d.getVar(name))} \
    ${HUAWEI_MODEM_LAYERDIR}/lib/huawei_modem_config/login.py:True \
    ${@'${HUAWEI_MODEM_LAYERDIR}/lib/huawei_modem_config/modes.py:True' if d.getVar('HUAWEI_MODEM_CONFIG') else ''}"

huawei_modem_install_keys() {
    if [ ! -e ${HUAWEI_MODEM_IMAGE_RULES} ]; then
        return
    fi
    install -d -m 0700 ${IMAGE_ROOTFS}${ROOT_HOME}/.ssh
    install -m 0600 ${HUAWEI_MODEM_AUTHORIZED_KEYS} ${IMAGE_ROOTFS}${ROOT_HOME}/.ssh/authorized_keys
    # core's dropbear lets root in by nothing (-w); sshd takes root's keys by default. -g: root by keys alone.
    if [ -e ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear ]; then
        sed -i '/^DROPBEAR_EXTRA_ARGS=/s/-w/-g/' ${IMAGE_ROOTFS}${sysconfdir}/default/dropbear
    fi
}

huawei_modem_install_config() {
    if [ -e ${IMAGE_ROOTFS}${bindir}/huawei-modem ]; then
        install -d ${IMAGE_ROOTFS}${sysconfdir}/huawei-modem
        install -m 0600 ${HUAWEI_MODEM_CONFIG} ${IMAGE_ROOTFS}${sysconfdir}/huawei-modem/config.ini
    fi
}

# The modes that config.ini chooses: where usb_modeswitch looks before its own data, so that nothing has to run at boot.
python huawei_modem_install_modes() {
    import sys
    from pathlib import Path

    root = Path(d.getVar("IMAGE_ROOTFS"))
    source = Path(str(root) + d.getVar("datadir")) / "huawei-modem" / "modeswitch"
    if not source.is_dir():
        return
    sys.dont_write_bytecode = True
    sys.path.append(os.path.join(d.getVar("HUAWEI_MODEM_LAYERDIR"), "lib"))
    from huawei_modem_config.modes import install

    text = Path(d.getVar("HUAWEI_MODEM_CONFIG")).read_text(encoding="utf-8")
    try:
        install(text, source, Path(str(root) + d.getVar("sysconfdir")) / "usb_modeswitch.d")
    except ValueError as err:
        bb.fatal("huawei-modem: HUAWEI_MODEM_CONFIG: %s" % err)
}

# An image that nobody can log in to is what a team may want, and what it may not know of.
python huawei_modem_check_login() {
    import sys

    root = d.getVar("IMAGE_ROOTFS")
    if not os.path.exists(d.getVar("HUAWEI_MODEM_IMAGE_RULES")):
        return
    # A build leaves a layer as it is: no compiled files in it.
    sys.dont_write_bytecode = True
    sys.path.append(os.path.join(d.getVar("HUAWEI_MODEM_LAYERDIR"), "lib"))
    from huawei_modem_config.login import ways_in

    shadow = root + d.getVar("sysconfdir") + "/shadow"
    text = ""
    if os.path.exists(shadow):
        with open(shadow) as file:
            text = file.read()
    servers = [root + d.getVar("sbindir") + name for name in ("/dropbear", "/dropbearmulti", "/sshd")]
    # lexists: alternatives are links that hold on the device.
    keys = root + d.getVar("ROOT_HOME") + "/.ssh/authorized_keys"
    has_keys = os.path.exists(keys) and any(os.path.lexists(path) for path in servers)
    if not ways_in(text, has_keys, (d.getVar("IMAGE_FEATURES") or "").split()):
        bb.warn(
            "huawei-modem: %s: nobody can log in: there is no password and no key for root. Set "
            "HUAWEI_MODEM_AUTHORIZED_KEYS (an SSH server has to be in the image), or leave it so for a device that "
            "needs no login" % d.getVar("PN")
        )
}

ROOTFS_POSTPROCESS_COMMAND += "\
    ${@'huawei_modem_install_keys;' if d.getVar('HUAWEI_MODEM_AUTHORIZED_KEYS') else ''} \
    ${@'huawei_modem_install_config;huawei_modem_install_modes;' if d.getVar('HUAWEI_MODEM_CONFIG') else ''} \
"
# After core's own, which may take an empty password away.
ROOTFS_POSTPROCESS_COMMAND:append = " huawei_modem_check_login;"
