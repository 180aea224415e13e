# SPDX-License-Identifier: MIT
SUMMARY = "An image of files that the test made"
DESCRIPTION = "For tests"
LICENSE = "MIT"

inherit image

IMAGE_LINGUAS = ""
DEPENDS:forcevariable = ""
EXTRA_IMAGEDEPENDS:forcevariable = ""
KERNEL_DEPLOY_DEPEND = ""
PACKAGE_INSTALL:forcevariable = ""
RDEPENDS:forcevariable = ""
RRECOMMENDS:forcevariable = ""
WKS_FILE_DEPENDS:forcevariable = ""

# Instead of a package manager.
fakeroot python do_rootfs() {
    import shutil

    shutil.copytree(os.path.join(d.getVar("STUB_FILES"), "rootfs"), d.getVar("IMAGE_ROOTFS"), dirs_exist_ok=True)
    # Of what core does after the packages, our own part.
    for name in d.getVar("ROOTFS_POSTPROCESS_COMMAND").replace(";", " ").split():
        if name.startswith("huawei_modem_"):
            bb.build.exec_func(name, d)
}
do_rootfs[nostamp] = "1"

# Classes that are inherited late add to the flags: this comes after them.
python () {
    d.setVarFlag("do_rootfs", "depends", "virtual/fakeroot-native:do_populate_sysroot")
    d.setVarFlag("do_rootfs", "cleandirs", d.expand("${IMAGE_ROOTFS} ${IMGDEPLOYDIR}"))
    for flag in ("prefuncs", "postfuncs"):
        d.delVarFlag("do_rootfs", flag)
    for task in list(d.getVar("__BBTASKS", False)):
        if not task.startswith(("do_build", "do_image", "do_rootfs", "do_huawei_modem_image_check")):
            bb.build.deltask(task, d)
}
