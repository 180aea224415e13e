# SPDX-License-Identifier: MIT
SUMMARY = "Debian's C library and compiler run time, in the place of core's glibc, libxcrypt and gcc-runtime"
LICENSE = "LGPL-2.1-or-later"

HYBRID_DEBIAN = "libc6 libc-bin libc6-dev libcrypt1 libcrypt-dev linux-libc-dev libgcc-s1 libstdc++6"

PROVIDES += "\
    gcc-runtime glibc-locale libgcc libgcc-initial libxcrypt linux-libc-headers \
    virtual/arm-linux-gnueabihf-compilerlibs virtual/compilerlibs virtual/arm-linux-gnueabihf-libc-for-gcc virtual/crypt virtual/libc \
    virtual/libc-locale virtual/libiconv virtual/libintl \
"
INHIBIT_DEFAULT_DEPS = "1"

# The loader and Debian's programs look below the folder of the architecture too. And two scripts for ld, which name
# libraries by absolute paths.
HYBRID_INSTALL = "\
    ln -s . ${D}${libdir}/arm-linux-gnueabihf ; \
    ln -s . ${D}${includedir}/arm-linux-gnueabihf ; \
    sed -i -e 's,/usr/lib/arm-linux-gnueabihf/,,g' -e 's,/lib/arm-linux-gnueabihf/,,g' -e 's,/lib/ld,ld,' ${D}${libdir}/libc.so \
"

PACKAGES = "${PN}-locale-c libgcc libstdc++ libcrypt ldconfig ${PN}-utils ${PN}-dev ${PN}-staticdev ${PN}"
# Debian's C.UTF-8: an image without IMAGE_LINGUAS has no locale in core.
FILES:${PN}-locale-c = "${libdir}/locale"
FILES:libgcc = "${libdir}/libgcc_s.so.*"
FILES:libstdc++ = "${libdir}/libstdc++.so.* ${datadir}/gcc ${datadir}/gdb"
FILES:libcrypt = "${libdir}/libcrypt.so.*"
FILES:ldconfig = "${base_sbindir}/ldconfig*"
FILES:${PN}-utils = "${bindir} ${sbindir}"
FILES:${PN} = "${libdir} ${sysconfdir} ${datadir} ${localstatedir} ${nonarch_libdir}"
FILES:${PN}-dev = "${includedir} ${libdir}/*.o ${libdir}/libc.so ${libdir}/libm.so ${libdir}/lib*.so ${libdir}/pkgconfig"
FILES:${PN}-dev:remove = "${libdir}/lib*.so"
RPROVIDES:${PN} += "glibc-extra-nss glibc-gconv glibc-thread-db rtld(GNU_HASH)"
RPROVIDES:libcrypt += "libxcrypt"
INSANE_SKIP:${PN} = "dev-so"
PRIVATE_LIBS = ""
