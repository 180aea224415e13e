# SPDX-License-Identifier: MIT
#
# Stops the build of an image that would not work: modules of another kernel, a stale folder of modules, a driver
# that is missing, an image.json that Easy Installer refuses. The check is the layer's own package
# lib/huawei_modem_check, run with the build host's Python (3.8 or newer) and its standard library.
#
# After do_rootfs, before any image file is made, the root file system is held against the kernel that was deployed;
# a finished Easy Installer image (teziimg) is checked as a whole before it is deployed. Images without the helper
# huawei-modem are passed over. What a code means: docs/findings.md.

# "error", "warn", or "off".
HUAWEI_MODEM_IMAGE_CHECK ?= "error"
# Codes of findings (docs/findings.md) that you know of and accept.
HUAWEI_MODEM_IMAGE_ACCEPTED ?= ""
# Where Python finds the check and the helper's package, of which it uses parts.
HUAWEI_MODEM_CHECK_PYTHON = "${HUAWEI_MODEM_LAYERDIR}/lib:${HUAWEI_MODEM_LAYERDIR}/recipes-support/huawei-modem/files"
HUAWEI_MODEM_CHECK_LOG = "${WORKDIR}/huawei-modem-check"

def huawei_modem_run_check(d, subject, name, arguments):
    """Check one thing; the report is kept as JSON beside the task's log. Ends the task as the variable says."""
    import json
    import subprocess

    folder = d.getVar("HUAWEI_MODEM_CHECK_LOG")
    bb.utils.mkdirhier(folder)
    report = os.path.join(folder, name + ".json")
    # A check that cannot read the image leaves no report: that of an earlier one is not its.
    bb.utils.remove(report)
    # The path is the task's, whose recipe sysroot has the tools that inflate.
    environment = dict(os.environ, PATH=d.getVar("PATH"), PYTHONDONTWRITEBYTECODE="1")
    environment["PYTHONPATH"] = d.getVar("HUAWEI_MODEM_CHECK_PYTHON")
    command = ["python3", "-m", "huawei_modem_check", subject, "--json", report] + arguments
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True
    )
    bb.note(done.stdout)
    if done.returncode == 0:
        return
    if done.returncode in (1, 2) and os.path.exists(report):
        with open(report) as source:
            found = json.load(source)["findings"]
        # What decides the exit status.
        found = [item for item in found if item["severity"] == "error" or item["code"] == "insufficient-data"]
        found = [item for item in found if item["code"] not in d.getVar("HUAWEI_MODEM_IMAGE_ACCEPTED").split()]
        if not found:
            return
        text = "\n".join(
            "%s: %s\n%s"
            % (
                item["code"],
                item["title"],
                "\n".join(
                    ["  seen: %s: %s" % (seen["source"], seen["text"]) for seen in item["evidence"]]
                    + ["  do:   %s" % step for step in item["remedy"]]
                ),
            )
            for item in found
        )
    else:
        text = done.stdout[-2000:]
    message = "huawei-modem: %s: this image would not work (report: %s)\n%s" % (d.getVar("PN"), report, text)
    if d.getVar("HUAWEI_MODEM_IMAGE_CHECK") == "warn":
        bb.warn(message)
    else:
        bb.fatal(message)

def huawei_modem_is_wanted(d):
    """Whether this image has the modem stack, so that it needs the drivers too."""
    helper = os.path.join(d.getVar("IMAGE_ROOTFS"), d.getVar("bindir").lstrip("/"), "huawei-modem")
    return d.getVar("HUAWEI_MODEM_IMAGE_CHECK") != "off" and os.path.lexists(helper)

python do_huawei_modem_image_check() {
    import glob

    if not huawei_modem_is_wanted(d):
        bb.note("huawei-modem: not checked")
        return
    deployed = d.getVar("DEPLOY_DIR_IMAGE")
    kernel = os.path.join(deployed, d.getVar("KERNEL_IMAGETYPE") or "zImage")
    if not os.path.exists(kernel):
        bb.fatal("huawei-modem: %s: the kernel was not deployed; is KERNEL_IMAGETYPE right?" % kernel)
    arguments = ["--kernel", kernel]
    for table in sorted(glob.glob(os.path.join(d.getVar("PKGDATA_DIR"), "kernel-depmod", "System.map-*"))):
        arguments += ["--symbols", table]
    config = os.path.join(deployed, "kernel-config")
    if os.path.exists(config):
        arguments += ["--config", config]
    huawei_modem_run_check(d, d.getVar("IMAGE_ROOTFS"), "rootfs", arguments)
}

# For the kernel's file and the root file system's, and what inflates a kernel.
do_huawei_modem_image_check[depends] += " \
    virtual/kernel:do_deploy \
    lz4-native:do_populate_sysroot \
    lzop-native:do_populate_sysroot \
    xz-native:do_populate_sysroot \
    zstd-native:do_populate_sysroot \
"
do_huawei_modem_image_check[dirs] = "${TOPDIR}"
do_huawei_modem_image_check[umask] = "022"
addtask huawei_modem_image_check after do_rootfs before do_image
# An image is judged anew by another judge, which takes a minute; a kernel is not (huawei_modem_kernel_gate).
do_huawei_modem_image_check[file-checksums] += " \
    ${HUAWEI_MODEM_LAYERDIR}/lib/huawei_modem_check/*.py:True \
    ${HUAWEI_MODEM_LAYERDIR}/lib/huawei_modem_check/*/*.py:True \
"

python huawei_modem_check_teziimg() {
    if not huawei_modem_is_wanted(d):
        return
    name = "%s-Tezi_%s.tar" % (d.getVar("TEZI_IMAGE_NAME"), d.getVar("TEZI_VERSION"))
    huawei_modem_run_check(d, os.path.join(d.getVar("IMGDEPLOYDIR"), name), "teziimg", [])
}

# Of an image without this type nobody asks for the flag.
# nooelint: oelint.vars.mispell.unknown - Toradex's image type, a task of meta-toradex-bsp-common
do_image_teziimg[postfuncs] += "huawei_modem_check_teziimg"
