# SPDX-License-Identifier: MIT
SUMMARY = "What a Huawei USB modem needs to come up by itself"
DESCRIPTION = "Drivers, mode switching, rules and daemons. HUAWEI_MODEM_STACK chooses who drives the modem: \
ofono (with ConnMan, and the helper that hands the modem over) or modemmanager (with NetworkManager)."
HOMEPAGE = "https://git.example.org/meta-huawei-modem"

# Names of kernel modules belong to the machine's kernel.
PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup features_check

REQUIRED_DISTRO_FEATURES = "huawei-modem systemd"

HUAWEI_MODEM_STACK ??= "ofono"
# "on": nothing comes in from the cellular network but answers and ICMP. huawei-modem-image asks for it by itself.
HUAWEI_MODEM_FILTER ??= "off"

# The helper speaks to oFono and ConnMan: with ModemManager it has nothing to do. Its udev rules keep that one from a
# port that it would ask for half a minute in vain.
HUAWEI_MODEM_STACK_PACKAGES = "${@bb.utils.contains('HUAWEI_MODEM_STACK', 'modemmanager', \
    'huawei-modem-udev modemmanager networkmanager networkmanager-nmcli', \
    'connman connman-client connman-conf huawei-modem ofono', d)}"

RDEPENDS:${PN} = "\
    ${HUAWEI_MODEM_STACK_PACKAGES} \
    ${@bb.utils.contains('HUAWEI_MODEM_FILTER', 'on', 'huawei-modem-filter', '', d)} \
    usb-modeswitch \
    usb-modeswitch-data \
"

# Recommended, since a kernel may have any of them built in: no package then. The kernel's modules bring
# those that they need themselves (usb_wwan, cdc_ncm, usbnet...).
RRECOMMENDS:${PN} = " \
    kernel-module-cdc-acm \
    kernel-module-cdc-ether \
    kernel-module-cdc-mbim \
    kernel-module-huawei-cdc-ncm \
    kernel-module-isofs \
    kernel-module-option \
    kernel-module-qmi-wwan \
    kernel-module-rndis-host \
    kernel-module-sr-mod \
    kernel-module-tun \
    kernel-module-usb-storage \
"
