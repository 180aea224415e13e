# SPDX-License-Identifier: MIT
# Its U-Boot is Debian's and its kernel the emulated board's: image.json says that it is for the bench, and
# modem-image check, release and flash refuse it for a module.

# Toradex's overlays are for displays, and not built here.
IMAGE_BOOT_FILES:remove = "overlays.txt overlays/*;overlays/"

# Debian's systemd has bash for its debug shell, core's has sh.
hybrid_debug_shell() {
    sed -i 's,/bin/bash,${base_bindir}/sh,' ${IMAGE_ROOTFS}${systemd_system_unitdir}/debug-shell.service
}
ROOTFS_POSTPROCESS_COMMAND += "hybrid_debug_shell;"

python hybrid_mark_image() {
    import json

    path = "%s/image-%s.json" % (d.getVar("IMGDEPLOYDIR"), d.getVar("IMAGE_BASENAME"))
    with open(path) as source:
        description = json.load(source)
    description["huawei_modem_bench_image"] = True
    with open(path, "w") as sink:
        json.dump(description, sink, indent=4)
}
TEZI_IMAGE_TEZIIMG_PREFUNCS = "rootfs_tezi_run_json hybrid_mark_image"

# The layer's own check, with consent to what the mark says. Its class is inherited after this.
python () {
    body = d.getVar("huawei_modem_check_teziimg", False)
    consenting = body.replace('"teziimg", []', '"teziimg", ["--bench"]')
    if consenting == body:
        bb.fatal("huawei_modem_check_teziimg has changed: it cannot be asked to let the bench's image pass")
    d.setVar("huawei_modem_check_teziimg", consenting)
}
