# SPDX-License-Identifier: MIT
"""Example pipelines from a checkout to a release, rendered so that what they name is what there is."""

from __future__ import annotations

from pathlib import Path

import jinja2

FOLDER = Path("docs/pipelines")
KAS = "kas/colibri-imx7-emmc.yml"
_LOCKS = ("kas/scarthgap/base.lock.yml", "kas/scarthgap/toradex.lock.yml")
# kas builds in KAS_WORK_DIR/build; the pipelines set that folder to build/kas of the checkout.
_DEPLOY = "build/kas/build/tmp/deploy/images/colibri-imx7-emmc"

# By commit, since a tag can be moved. Read from the tags of the actions' own repositories on 2026-11-29.
_ACTIONS = {
    "checkout": "d23441a48e516b6c34aea4fa41551a30e30af803 # v6.1.0",
    "upload_artifact": "b7c566a772e6b6bfb58ed0dc250532a479d7789f # v6.0.0",
}
# Where kas-container's image is. Its digest is the user's to give: no public source names it.
_CONTAINER = "ghcr.io/siemens/kas/kas"


def render_pipelines() -> dict[Path, str]:
    """The text of each file, by its path below the project."""
    # Here, for the bench needs none of it.
    from modem_image.yocto import preflight

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("modem_image"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  YAML, from constants alone
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {
        "actions": _ACTIONS,
        "container": _CONTAINER,
        "kas": KAS,
        "deploy": _DEPLOY,
        "locks": " ".join(f"--lock {name}" for name in _LOCKS),
        "disk": preflight.BUILD.disk // preflight.GB,
    }
    names = ("github.yml", "gitlab.yml")
    return {FOLDER / name: environment.get_template(f"{name}.j2").render(values) for name in names}
