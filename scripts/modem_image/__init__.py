# SPDX-License-Identifier: MIT
"""Host side: build, check and prove images that bring Huawei USB modems up.

The helper that runs on the target (`huawei_modem`) is a library here too; its source lies in the
layer, so that one copy serves the recipe, the emulated board and this package.
"""

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
HELPER = PROJECT / "meta-huawei-modem" / "recipes-support" / "huawei-modem" / "files"

if str(HELPER) not in sys.path:
    sys.path.append(str(HELPER))
