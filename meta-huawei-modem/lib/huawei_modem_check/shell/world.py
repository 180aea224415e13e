# SPDX-License-Identifier: MIT
"""What a script finds around it when Easy Installer runs it: files, and commands.

The installer's root file system is made by meta-toradex-tezi 7.7.0 (scarthgap-7.x.y, 09d7800;
tezi-initramfs.bb, tezi.conf, qt-tezi_git.bb): packagegroup-core-boot with BusyBox, the installer, and the
programs that it runs, on a read-only squashfs. BusyBox's applets are those of 1.36's sources, in whatever
configuration, so that what is neither here nor there is certainly not in it.
"""

from __future__ import annotations

import bisect
import posixpath
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from huawei_modem_check.shell.values import State, Value

# base-files_3.0.14.bb of openembedded-core scarthgap: these folders are always there.
_FOLDERS = {
    *("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/proc", "/run", "/sbin"),
    *("/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share", "/var", "/var/lib"),  # noqa: S108  the installer's
    *("/var/volatile", "/var/run"),
}
_MAYBE = {*("init", "lib32", "lib64", "linuxrc", "lost+found", "opt", "root", "selinux", "srv"), ""}
_ROOTS = {folder.split("/")[1] for folder in _FOLDERS} | _MAYBE
_DEVICES = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}
_ELSEWHERE = ("/tmp/", "/dev/", "/mnt/", "/proc/", "/sys/", "/etc/")  # noqa: S108
_WRITABLE = ("/tmp", "/run", "/var/volatile")  # noqa: S108


class World(NamedTuple):
    """`files` are the names in the image's folder, with what is in them where that is known.

    `names` are the same in order.
    """

    product: str
    files: Mapping[str, bytes | None]
    names: Sequence[str]

    def content(self, path: Value, state: State) -> bytes | None:
        """What a file of the image, or /dev/null, has in it."""
        if path.text == "/dev/null":
            return b""
        name = self._name(path, state)
        return None if name is None or state.is_written else self.files.get(name)

    def _name(self, path: Value, state: State) -> str | None:
        """Where a path leads in the image's folder, None when that is not known or it does not."""
        if path.folder is None and (not path.text or path.text.startswith("/") or state.folder is None):
            return None
        inner = f"{state.folder}/{path.text}" if path.folder is None else path.folder
        return posixpath.normpath(inner).strip("/")

    def kind(self, path: Value, state: State) -> str:
        """folder, file, device, there (and more is not known), none, or "" where it is not known at all."""
        if path.text == "":
            return "none"
        if (name := self._name(path, state)) is not None:
            return self._in_image(name, state)
        if path.text is None or not path.text.startswith("/"):
            return ""
        text = posixpath.normpath(path.text.replace("//", "/"))
        if text in _FOLDERS:
            return "folder"
        if text in _DEVICES:
            return "device"
        if text in ("/bin/sh", "/bin/busybox"):
            return "file"
        return "none" if text.split("/")[1] not in _ROOTS and not state.is_mounted else ""

    def listed(self, state: State) -> list[str] | None:
        """The names that a pattern may fit in the folder where the shell is, None when they are not known."""
        if state.folder != "" or state.is_written:
            return None
        return sorted({name.split("/")[0] for name in self.names if not name.startswith(".")})

    def _in_image(self, name: str, state: State) -> str:
        if name == ".":
            return "folder"
        if name.startswith(".."):
            return ""
        place = bisect.bisect_left(self.names, f"{name}/")
        if place < len(self.names) and self.names[place].startswith(f"{name}/"):
            return "folder"
        if name not in self.files:
            return "" if state.is_written else "none"
        return "" if state.is_written else "file"

    def can_write(self, path: Value, state: State) -> bool | None:
        """Whether a file can be made there; None is not known."""
        if path.text in ("/dev/null", "/dev/zero", "/dev/full"):
            return True
        if path.text is None or not path.text.startswith("/"):
            return None if path.text != "" else False
        folder = posixpath.dirname(posixpath.normpath(path.text))
        if folder in _WRITABLE and self.kind(path, state) != "folder":
            return True
        kind = self.kind(path, state)
        return False if kind in ("none", "folder") else None


def world(product: str, files: Mapping[str, bytes | None]) -> World:
    """A World of these."""
    return World(product, files, sorted(files))


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


APPLETS = _names(
    """
    acpid add addgroup adduser adjtimex ar arch arp arping ascii ash awk base32 base64 basename bash
    bbconfig bc beep blkdiscard blkid blockdev bootchartd brctl bunzip2 busybox bzcat bzip2 cal cat chat
    chattr chcon chgrp chmod chown chpasswd chpst chroot chrt chvt cksum clear cmp comm conspy cp cpio crc32
    crond crontab cryptpw cttyhack cut date dc dd deallocvt delgroup deluser depmod devfsd devmem df
    dhcprelay diff dirname dmesg dnsd dnsdomainname dos2unix dpkg du dumpkmap dumpleases echo ed egrep eject
    env envdir envuidgid ether expand expr factor fakeidentd fallocate false fatattr fbset fbsplash fdflush
    fdformat fdisk fgconsole fgrep find findfs flash_eraseall flash_lock flash_unlock flashcp flock fold
    free freeramdisk fsck fsfreeze fstrim fsync ftpd ftpget ftpput fuser getenforce getopt getsebool getty
    grep groups gunzip gzip halt hd hdparm head hexdump hexedit hostid hostname httpd hush hwclock i2cdetect
    i2cdump i2cget i2cset i2ctransfer id ifconfig ifdown ifenslave ifplugd ifup inetd init inotifyd insmod
    install ionice iostat ip ipaddr ipcalc ipcrm ipcs iplink ipneigh iproute iprule iptunnel kbd_mode kill
    killall killall5 klogd last less link linux32 linux64 linuxrc ln load_policy loadfont loadkmap logger
    login logname logread losetup lpd lpq lpr ls lsattr lsmod lsof lspci lsscsi lsusb lzcat lzma lzop
    lzopcat makedevs makemime man matchpathcon md5sum mdev mesg microcom mim minips mkdir mkdosfs mke2fs
    mkfifo mkfs mknod mkpasswd mkswap mktemp modinfo modprobe more mount mountpoint mpstat mt mv nameif
    nanddump nandwrite nbd nc netcat netstat nice nl nmeter nohup nologin nproc nsenter nslookup ntpd nuke
    od openvt partprobe passwd paste patch pgrep pidof ping ping6 pipe_progress pivot_root pkill pmap
    popmaildir poweroff powertop printenv printf ps pscan pstree pwd pwdx raidautorun rdate rdev readahead
    readlink readprofile realpath reboot reformime remove renice reset resize restorecon resume rev rfkill
    rm rmdir rmmod route rpm rpm2cpio rtcwake run runcon runlevel runsv runsvdir rx script scriptreplay sed
    seedrng selinuxenabled sendmail seq sestatus setarch setconsole setenforce setfattr setfiles setfont
    setkeycodes setlogcons setpriv setsebool setserial setsid setuidgid sh sha1sum sha256sum sha3sum
    sha512sum showkey shred shuf slattach sleep smemcap softlimit sort split ssl_client start stat strings
    stty su sulogin sum sv svc svlogd svok swapoff swapon switch_root sync sysctl syslogd tac tail tar
    taskset tc tcpsvd tee telnet telnetd test tftp tftpd time timeout top touch tr traceroute traceroute6
    tree true truncate ts tsort tty ttysize tunctl tune2fs ubiattach ubidetach ubimkvol ubirename ubirmvol
    ubirsvol ubiupdatevol udhcpc udhcpc6 udhcpd udpsvd uevent umount uname uncompress unexpand uniq unit
    unix2dos unlink unlzma unlzop unshare unxz unzip uptime users usleep uudecode uuencode vconfig vi vlock
    volname w wall watch watchdog wc wget which who whoami whois xargs xxd xz xzcat yes zcat zcip
    """
)
"""What BusyBox 1.36 can be built with."""

PROGRAMS = _names(
    """
    addpart avahi-browse avahi-browse-domains avahi-daemon avahi-publish avahi-publish-address
    avahi-publish-service avahi-resolve avahi-resolve-address avahi-resolve-host-name avahi-set-host-name
    b2sum badblocks basenc blkzone bmaptool c_rehash cfdisk csplit curl dbus-daemon dbus-send debugfs
    delpart devmem2 dir dircolors dosfsck dosfslabel dumpe2fs e2fsck e2image e2label e2undo ethtool fatlabel
    filefrag findmnt flash_erase flash_otp_dump flash_otp_erase flash_otp_info flash_otp_lock
    flash_otp_write flash_wince fmt fsck.ext2 fsck.ext3 fsck.ext4 fsck.fat fsck.msdos fsck.vfat funzip
    fw_printenv fw_setenv gdisk getent gpiodetect gpioget gpioinfo gpioset hardlink haveged i2cbusses iconv
    iw jffs2dump join kmod kobs-ng ld.so ldconfig locale lsblk lsmtd lz4 lz4c lz4cat lzmainfo memtool
    mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.fat mkfs.jffs2 mkfs.msdos mkfs.ntfs mkfs.ubifs mkfs.vfat mklost+found
    mmc mount.ntfs-3g mount.ubifs mtd_debug mtdinfo mtdpart nandflipbits nandtest ntfs-3g ntfsfix numfmt
    openssl opkg partclone.restore parted partx pathchk perl pinky pr ptx pv python python3 pzstd resize2fs
    resizepart run-postinsts sfdisk sgdisk sha224sum sha384sum stdbuf sumtool swaplabel tezi tezictl
    ubiblock ubicrc32 ubiformat ubihealthd ubinfo ubinize ubiscan udevadm udevd unlz4 unzipsfx unzstd
    update-alternatives update-rc.d uuidgen vdir weston weston-launch weston-screenshooter weston-terminal
    wipefs wpa_cli wpa_passphrase wpa_supplicant xzcmp xzdiff xzegrep xzgrep xzless xzmore zipgrep zipinfo
    zramctl zstd zstdcat zstdgrep zstdless zstdmt
    """
)
"""What the packages bring that meta-toradex-tezi names, and what may come with them as a dependency."""

COMMANDS = APPLETS | PROGRAMS

CERTAIN = _names(
    """
    awk basename blkid cat chmod cp curl cut date dd dirname dmesg fw_printenv fw_setenv grep head id kill ln
    ls lz4 lzop mkdir mknod mmc mount mv ps pv rm rmdir sed sfdisk sh sleep sort sync tail tar touch tr umount
    uname unzip wc xz zstd
    """
)
"""Those of them that the recipes' own configuration has for certain."""


def is_elsewhere(path: Value) -> bool:
    """Whether a path is certainly not in the image's folder, which is below /run/media or /var/volatile."""
    return path.text is not None and path.text.startswith(_ELSEWHERE)
