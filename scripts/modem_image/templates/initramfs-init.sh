#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# Debian's kernel has the disk's driver and ext4 as modules: load them, then hand over to systemd.
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
while read -r module; do
    /bin/busybox insmod "/lib/modules/$module"
done </lib/modules/order
read -r line </proc/cmdline
for word in $line; do
    case $word in root=*) device=${word#root=} ;; esac
done
tries=0
until [ -b "$device" ] || [ "$tries" -ge 50 ]; do
    tries=$((tries + 1))
    /bin/busybox sleep 0.2
done
if ! /bin/busybox mount -t ext4 -o rw "$device" /root; then
    echo "initramfs: no root file system on $device"
    /bin/busybox poweroff -f
fi
/bin/busybox umount /proc
/bin/busybox umount /sys
exec /bin/busybox switch_root /root /sbin/init
