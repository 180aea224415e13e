# SPDX-License-Identifier: MIT
SUMMARY = "Libraries that Debian's programs are linked with and OpenEmbedded's are not, or not here"
LICENSE = "MIT"

HYBRID_DEBIAN = "\
    libacl1 libaudit1 libbz2-1.0 libcap-ng0 libdb5.3 libelf1 libexpat1 libgcrypt20 libgpg-error0 libgssapi-krb5-2 libk5crypto3 \
    libkeyutils1 libkrb5-3 libkrb5support0 liblz4-1 libmd0 libbsd0 libnsl2 \
    libpcre3 libselinux1 libselinux1-dev libsemanage2 libsepol2 libsepol-dev libsqlite3-0 libtirpc3 libattr1 libcryptsetup12 libdevmapper1.02.1 libargon2-1 libjson-c5 \
    libapparmor1 libip4tc2 libcom-err2 \
"
HYBRID_DEPENDS = "glibc"
INHIBIT_DEFAULT_DEPS = "1"

# What has a recipe of its own here is left to it.
HYBRID_INSTALL = "rm -f ${D}${libdir}/libip4tc.so* ${D}${libdir}/libcom_err.so*"

PACKAGES = "${PN}-dev ${PN}-programs ${PN}"
FILES:${PN}-dev = "${includedir} ${libdir}/pkgconfig ${libdir}/*.a"
FILES:${PN}-programs = "${bindir} ${sbindir}"
FILES:${PN} = "${libdir} ${sysconfdir} ${datadir} ${nonarch_libdir} ${localstatedir}"
INSANE_SKIP:${PN} = "dev-so"
