#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""variables.py RECIPE NAME...: what a recipe sets, as JSON. Runs in bitbake's environment."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path


def main() -> None:
    recipe, *names = sys.argv[1:]
    sys.path.insert(0, str(Path(shutil.which("bitbake") or "").resolve().parents[1] / "lib"))
    import bb.tinfoil

    with bb.tinfoil.Tinfoil() as tinfoil:
        tinfoil.prepare(quiet=2)
        data = tinfoil.parse_recipe(recipe)
        values = {name: data.getVar(name) or "" for name in names}
    print(json.dumps(values))


if __name__ == "__main__":
    main()
