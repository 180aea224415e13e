# SPDX-License-Identifier: MIT
"""The root file system's tar: the same bytes for the same input, owners as the packages have them."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from modem_image.image.rootfs import (
    Owner,
    create_accounts,
    enable_units,
    install_payload,
    link_folders,
    name_the_system,
    package_owners,
    write_tar,
)

EPOCH = 1_700_000_000


def tree(root: Path) -> Path:
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "mount").write_text("#!/bin/sh\n")
    (root / "usr" / "bin" / "mount").chmod(0o755)
    (root / "bin").symlink_to("usr/bin")
    (root / "etc").mkdir()
    (root / "etc" / "secret").write_text("s")
    (root / "etc" / "secret").chmod(0o600)
    return root


def test_same_bytes_whatever_the_clock_and_the_order(tmp_path: Path) -> None:
    first, second = tree(tmp_path / "a"), tree(tmp_path / "b")
    os.utime(second / "etc" / "secret", (EPOCH + 5, EPOCH + 5))
    os.utime(first / "etc" / "secret", (EPOCH + 900, EPOCH + 900))
    for root in (first, second):
        write_tar(root, root.with_suffix(".tar"), {}, EPOCH)
    assert first.with_suffix(".tar").read_bytes() == second.with_suffix(".tar").read_bytes()


def test_owners_and_permissions(tmp_path: Path) -> None:
    root = tree(tmp_path / "a")
    write_tar(root, tmp_path / "a.tar", {"usr/bin/mount": Owner(0, 30, 0o4754)}, EPOCH)
    with tarfile.open(tmp_path / "a.tar") as tar:
        members = {member.name: member for member in tar}
    mount, secret = members["./usr/bin/mount"], members["./etc/secret"]
    assert (mount.uid, mount.gid, mount.mode) == (0, 30, 0o4754)
    assert (secret.uid, secret.gid, secret.mode) == (0, 0, 0o600)
    assert members["./bin"].linkname == "usr/bin"
    assert max(member.mtime for member in members.values()) <= EPOCH


def test_special_owners_are_read_from_the_packages(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "base.tar", "w") as tar:
        for name, gid, mode in (("./usr/sbin/pppd", 30, 0o4754), ("./usr/bin/true", 0, 0o755)):
            member = tarfile.TarInfo(name)
            member.gid, member.mode = gid, mode
            tar.addfile(member)
    assert package_owners(tmp_path / "base.tar") == {"usr/sbin/pppd": Owner(0, 30, 0o4754)}


def test_payload_comes_by_make_install(tmp_path: Path) -> None:
    install_payload(tmp_path)
    assert (tmp_path / "usr/bin/huawei-modem").stat().st_mode & 0o111
    assert (tmp_path / "usr/lib/udev/rules.d/70-huawei-modem.rules").exists()


def test_units_are_exactly_those_asked_for(tmp_path: Path) -> None:
    units = tmp_path / "usr/lib/systemd/system"
    units.mkdir(parents=True)
    (tmp_path / "usr/lib/systemd/system-preset").mkdir()
    (tmp_path / "etc/systemd/system/old.wants").mkdir(parents=True)
    for name in ("wanted.service", "other.service"):
        (units / name).write_text("[Install]\nWantedBy=multi-user.target\n")
    (units / "multi-user.target").write_text("[Unit]\n")
    enable_units(tmp_path, ["wanted.service"], ["masked.service"])
    system = tmp_path / "etc/systemd/system"
    assert [path.name for path in (system / "multi-user.target.wants").iterdir()] == ["wanted.service"]
    assert (system / "masked.service").readlink() == Path("/dev/null")
    assert not (system / "old.wants").exists()


def test_system_has_a_name_and_no_machine_id_of_ours(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    name_the_system(tmp_path, "board")
    assert (tmp_path / "etc/hostname").read_text() == "board\n"
    assert (tmp_path / "etc/machine-id").read_bytes() == b""


def test_no_account_has_a_password(tmp_path: Path) -> None:
    (tmp_path / "usr/lib/sysusers.d").mkdir(parents=True)
    (tmp_path / "usr/bin").mkdir()
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr/lib/sysusers.d/basic.conf").write_text("u root 0 - /root /bin/sh\nu daemon 1 - - -\n")
    create_accounts(tmp_path, EPOCH)
    shadow = [line.split(":") for line in (tmp_path / "etc/shadow").read_text().splitlines()]
    assert {name: password[:1] for name, password, *_ in shadow} == {"root": "!", "daemon": "!"}
    assert not list((tmp_path / "etc").glob("*-"))
    assert (tmp_path / "etc/shadow").stat().st_mode & 0o777 == 0o600


def test_the_folders_that_a_maintainer_script_would_replace_are_links(tmp_path: Path) -> None:
    """NetworkManager looked for the bus at /var/run/dbus, and polkit gave up."""
    for folder in ("usr/bin", "var/run", "var/lock"):
        (tmp_path / folder).mkdir(parents=True)
    link_folders(tmp_path)
    link_folders(tmp_path)
    links = {name: str((tmp_path / name).readlink()) for name in ("usr/bin/sh", "var/run", "var/lock")}
    assert links == {"usr/bin/sh": "dash", "var/run": "/run", "var/lock": "/run/lock"}
