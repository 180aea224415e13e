# SPDX-License-Identifier: MIT
#
# Every recipe is one of three kinds, when all its classes have had their say:
#
#   host      native and cross recipes that HYBRID_NATIVE does not name: the host's tool stands for it
#   wrapped   a recipe with a list of Debian's packages in HYBRID_DEBIAN: their files, split by the recipe's own FILES
#   compiled  all others; HYBRID_SOURCE is a tar that stands for the first remote entry of SRC_URI
#
# HYBRID_POOL is the folder of the .deb files, HYBRID_SOURCES that of the tars.

HYBRID_DEBIAN ??= ""
HYBRID_DEPENDS ??= ""
HYBRID_SOURCE ??= ""
HYBRID_LINKS ??= ""
HYBRID_INSTALL ??= ""
HYBRID_NO_POSTINST ??= ""
HYBRID_KIND = "compiled"
HYBRID_KIND[doc] = "host, wrapped or compiled; written into the log of do_install"

def hybrid_set_task(d, name, body, python=False):
    """A task of this body alone: what was appended to it is gone."""
    d.setVar(name, body)
    for flag in ("prefuncs", "postfuncs", "depends", "cleandirs", "dirs", "noexec"):
        d.delVarFlag(name, flag)
    d.setVarFlag(name, "func", "1")
    if python:
        d.setVarFlag(name, "python", "1")
    else:
        d.delVarFlag(name, "python")

def hybrid_host(d):
    d.setVar("HYBRID_KIND", "host")
    for name in ("DEPENDS", "SRC_URI", "RDEPENDS"):
        d.setVar(name, "")
    for package in [d.getVar("PN"), *(d.getVar("PACKAGES") or "").split()]:
        d.setVar("RDEPENDS:%s" % package, "")
        d.setVar("RRECOMMENDS:%s" % package, "")
    hybrid_set_task(d, "do_install", "hybrid_link\n")
    d.setVarFlag("do_install", "cleandirs", "${D}")
    kept = ("do_install", "do_populate_sysroot", "do_build")
    for task in d.getVar("__BBTASKS", False) or []:
        d.setVarFlag(task, "depends", "")
        if task not in kept:
            d.setVarFlag(task, "noexec", "1")

# The folders and files that a recipe's users look for below their native sysroot: NAME=PATH-ON-THIS-HOST.
hybrid_link() {
	for pair in ${HYBRID_LINKS}; do
		target=${D}${STAGING_DIR_NATIVE}/${pair%%=*}
		mkdir -p $(dirname $target)
		if [ -d ${pair#*=} ]; then
			cp -rL ${pair#*=} $target
		else
			ln -s ${pair#*=} $target
		fi
	done
}

def hybrid_wrap(d, packages):
    d.setVar("HYBRID_KIND", "wrapped")
    pool = d.getVar("HYBRID_POOL")
    # The recipe's own files stay, for HYBRID_INSTALL.
    own = [word for word in (d.getVar("SRC_URI") or "").split() if word.startswith("file://") and ".patch" not in word]
    debs = ["file://%s/%s.deb;subdir=debian" % (pool, name) for name in packages]
    d.setVar("SRC_URI", " ".join([*debs, *own]))
    users = " base-files base-passwd shadow-native shadow-sysroot" if bb.data.inherits_class("useradd", d) else ""
    d.setVar("DEPENDS", d.getVar("HYBRID_DEPENDS") + users)
    d.setVar("LIC_FILES_CHKSUM", "")
    d.setVar("S", "${UNPACKDIR}/debian")
    d.setVar("B", "${S}")
    # What an image asks of the package is Debian's to answer for, in a layout that is not OpenEmbedded's.
    for name in ("ERROR_QA", "WARN_QA"):
        d.setVar(name, "")
    for name in (d.getVar("PACKAGES") or "").split():
        d.setVar("ALLOW_EMPTY:%s" % name, "1")
    for name in (d.getVar("PACKAGES") or "").split() if d.getVar("HYBRID_NO_POSTINST") else ():
        d.delVar("pkg_postinst:%s" % name)
    # Of what recipes do to their own files before the split, what holds for anybody's: the rest looks for files
    # that Debian's packages have elsewhere. Without alternatives BusyBox's mount would be the only one.
    kept = ("util_linux_binpackages", "apply_update_alternative_renames")
    functions = (d.getVar("PACKAGE_PREPROCESS_FUNCS") or "").split()
    d.setVar("PACKAGE_PREPROCESS_FUNCS", " ".join(name for name in functions if name in kept))
    d.setVar("INHIBIT_PACKAGE_STRIP", "1")
    d.setVar("INHIBIT_SYSROOT_STRIP", "1")
    d.setVar("INHIBIT_PACKAGE_DEBUG_SPLIT", "1")
    hybrid_set_task(d, "do_install", "hybrid_unpack\n" + (d.getVar("HYBRID_INSTALL") or "") + "\n")
    d.setVarFlag("do_install", "fakeroot", "1")
    d.setVarFlag("do_install", "cleandirs", "${D}")
    d.setVarFlag("do_install", "depends", "virtual/fakeroot-native:do_populate_sysroot")
    for task in ("do_patch", "do_configure", "do_compile"):
        d.setVarFlag(task, "noexec", "1")
        d.setVarFlag(task, "depends", "")
    kept = ("do_fetch", "do_unpack", "do_patch", "do_prepare_recipe_sysroot", "do_configure", "do_compile",
            "do_install", "do_package", "do_packagedata", "do_package_qa", "do_package_write_deb", "do_package_write_ipk", "do_populate_sysroot",
            "do_populate_lic", "do_build", "do_listtasks", "do_clean", "do_cleansstate", "do_cleanall", "do_deploy_source_date_epoch")
    for task in list(d.getVar("__BBTASKS", False) or []):
        if task not in kept:
            d.setVarFlag(task, "noexec", "1")

# Debian's folders to OpenEmbedded's: one /usr, no folder of the architecture.
fakeroot hybrid_unpack() {
	cd ${S}
	for top in bin sbin lib; do
		if [ -d $top ] && [ ! -L $top ]; then
			mkdir -p usr/$top
			cp -a $top/. usr/$top/
			rm -r $top
		fi
	done
	for folder in usr/lib usr/include; do
		if [ -d $folder/arm-linux-gnueabihf ]; then
			cp -a --remove-destination $folder/arm-linux-gnueabihf/. $folder/
			rm -r $folder/arm-linux-gnueabihf
		fi
	done
	rm -rf usr/share/doc usr/share/man usr/share/info usr/share/lintian usr/share/bug usr/share/locale usr/share/doc-base
	# Links from one of Debian's folders to another, and the texts that name them.
	find . -type l | while read -r link; do
		old=$(readlink $link)
		new=$(echo $old | sed -e 's,/arm-linux-gnueabihf,,' -e 's,^/lib/,/usr/lib/,' -e 's,^/bin/,/usr/bin/,' -e 's,^/sbin/,/usr/sbin/,')
		# Relative, so that a sysroot has the library: the linker would take the .a beside a broken link.
		case $new in /*) new=$(realpath -ms --relative-to=$(dirname $link) .$new) ;; esac
		[ "$old" = "$new" ] || ln -sfn $new $link
	done
	find . -name '*.pc' -type f -exec sed -i 's,/arm-linux-gnueabihf,,' {} +
	cp -a --no-preserve=ownership . ${D}
	chown -R root:root ${D}
}

def hybrid_stand_in(d, name):
    """The tar, which has no folder of its own, in the place of the first remote entry of SRC_URI; all local
    entries stay."""
    words = (d.getVar("SRC_URI") or "").split()
    remote = [word for word in words if not word.startswith("file://")]
    place = words.index(remote[0]) if remote else 0
    rest = [word for word in words if word not in remote]
    folder = os.path.relpath(d.getVar("S"), d.getVar("UNPACKDIR"))
    rest.insert(place, "file://%s/%s;subdir=%s" % (d.getVar("HYBRID_SOURCES"), name, folder))
    d.setVar("SRC_URI", " ".join(rest))

# Of an image: upstream's systemd, and so core's, has /tmp in memory; Debian's has it on the root file system, where
# that of a read-only root cannot be written to, and neither Tcl's exec nor systemd's PrivateDevices works.
hybrid_tmp_in_memory() {
	install -d ${IMAGE_ROOTFS}${systemd_system_unitdir}/local-fs.target.wants
	install -m 0644 ${IMAGE_ROOTFS}${datadir}/systemd/tmp.mount ${IMAGE_ROOTFS}${systemd_system_unitdir}
	ln -sf ../tmp.mount ${IMAGE_ROOTFS}${systemd_system_unitdir}/local-fs.target.wants/tmp.mount
}

python hybrid_sort() {
    # No SDK is made, and its parts have no provider.
    for task in ("do_populate_sdk", "do_populate_sdk_ext", "do_sdk_depends"):
        for flag in ("depends", "rdepends", "recrdeptask", "recideptask"):
            d.setVarFlag(task, flag, "")
    packages = (d.getVar("HYBRID_DEBIAN") or "").split()
    name = d.getVar("PN")
    tool = any(bb.data.inherits_class(kind, d) for kind in ("native", "cross", "crosssdk", "nativesdk"))
    if tool and name not in (d.getVar("HYBRID_NATIVE") or "").split():
        hybrid_host(d)
    elif name in (d.getVar("HYBRID_HOST") or "").split():
        hybrid_host(d)
    elif not tool and name in (d.getVar("HYBRID_ABSENT") or "").split():
        d.setVar("__SKIPPED", "the recipe absent has its name")
    elif packages and not tool:
        hybrid_wrap(d, packages)
    elif d.getVar("HYBRID_SOURCE"):
        hybrid_stand_in(d, d.getVar("HYBRID_SOURCE"))
}
addhandler hybrid_sort
hybrid_sort[eventmask] = "bb.event.RecipeTaskPreProcess"
