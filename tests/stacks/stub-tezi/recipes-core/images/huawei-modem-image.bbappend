# SPDX-License-Identifier: MIT
# The image's own recipe and classes, over a root file system of one file: nothing is built for it.

DEPENDS:forcevariable = ""
EXTRA_IMAGEDEPENDS:forcevariable = ""
KERNEL_DEPLOY_DEPEND = ""
PACKAGE_INSTALL:forcevariable = ""
RDEPENDS:forcevariable = ""
RRECOMMENDS:forcevariable = ""
WKS_FILE_DEPENDS:forcevariable = ""

fakeroot python do_rootfs() {
    folder = d.expand("${IMAGE_ROOTFS}${sysconfdir}")
    bb.utils.mkdirhier(folder)
    with open(folder + "/hostname", "w") as file:
        file.write("placeholder\n")
}

# Classes that are inherited late add to the flags: this comes after them.
python () {
    d.setVarFlag("do_rootfs", "depends", "virtual/fakeroot-native:do_populate_sysroot")
    d.setVarFlag("do_rootfs", "cleandirs", d.expand("${IMAGE_ROOTFS} ${IMGDEPLOYDIR}"))
    for flag in ("prefuncs", "postfuncs"):
        d.delVarFlag("do_rootfs", flag)
    for task in list(d.getVar("__BBTASKS", False)):
        if not task.startswith(("do_build", "do_image", "do_rootfs")):
            bb.build.deltask(task, d)
}
