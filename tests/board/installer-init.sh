#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# What Easy Installer does around writing an image, on the emulated module: its scripts are run by BusyBox with
# product id, revision, serial number and folder, with what they print shown. The third partition stands for the
# medium; the first two were written from the same image. Each result is a line "@ NAME STATUS".
/bin/busybox mkdir -p /usr/bin /tmp /medium /flash
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
echo 1 > /proc/sys/kernel/printk
while read -r module; do
    insmod "/lib/modules/$module"
done < /lib/modules/order
tries=0
until [ -b /dev/mmcblk0p3 ] || [ "$tries" -ge 100 ]; do
    tries=$((tries + 1))
    sleep 0.2
done
mount -t vfat /dev/mmcblk0p3 /medium || echo "@ medium 1"
folder=$(echo /medium/*/image.json)
folder=${folder%/image.json}

# NAME SCRIPT [PRODUCT-ID]
try() {
    (cd "$folder" && sh "./$2" "${3:-0039}" V1.1A 02345678 "$folder") > /tmp/shown 2>&1
    status=$?
    sed "s/^/@ $1: /" /tmp/shown
    echo "@ $1 $status"
}

# FILE OFFSET: other bits there
damage() {
    printf '\125\252' | dd of="$1" bs=1 seek="$2" conv=notrunc 2> /dev/null
}

try good-prepare prepare.sh
try other-module prepare.sh 0033
try good-wrapup wrapup.sh

archive=$(echo "$folder"/*.rootfs.tar.xz)
damage "$archive" 5000000
try damaged-prepare prepare.sh

mount -t vfat /dev/mmcblk0p1 /flash
damage /flash/zImage 3000000
umount /flash
try damaged-kernel wrapup.sh
try error error.sh
echo "@ end 0"
sync
poweroff -f
