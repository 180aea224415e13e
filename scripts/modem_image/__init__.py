# SPDX-License-Identifier: MIT
"""Host side: build, check and prove images that bring Huawei USB modems up.

The helper that runs on the target (`huawei_modem`) and what the layer's classes run in a build
(`huawei_modem_kernel`) are libraries here too; their source lies in the layer, so that one copy serves all.
"""

import sys
from pathlib import Path

_CLONE = Path(__file__).resolve().parents[2]
INSTALLED = not (_CLONE / "meta-huawei-modem").is_dir()
"""Whether pip has installed the package: the layer is data of it then, and there is no clone to build in."""
PROJECT = Path(__file__).resolve().parent / "project" if INSTALLED else _CLONE
HELPER = PROJECT / "meta-huawei-modem" / "recipes-support" / "huawei-modem" / "files"

LIBRARY = PROJECT / "meta-huawei-modem" / "lib"

for _folder in (HELPER, LIBRARY):
    if str(_folder) not in sys.path:
        sys.path.append(str(_folder))
