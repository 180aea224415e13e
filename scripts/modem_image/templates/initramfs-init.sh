#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Debian's kernel has the card's driver and ext4 as modules: load them, then hand over to systemd.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
while read -r module; do
    /bin/busybox insmod "/lib/modules/$module"
done </lib/modules/order
tries=0
until [ -b /dev/mmcblk0p2 ] || [ "$tries" -ge 50 ]; do
    tries=$((tries + 1))
    /bin/busybox sleep 0.2
done
if ! /bin/busybox mount -t ext4 -o rw /dev/mmcblk0p2 /root; then
    echo "initramfs: no root file system on /dev/mmcblk0p2"
    /bin/busybox poweroff -f
fi
/bin/busybox umount /proc
/bin/busybox umount /sys
exec /bin/busybox switch_root /root /sbin/init
