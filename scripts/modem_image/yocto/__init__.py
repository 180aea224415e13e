# SPDX-License-Identifier: MIT
"""Images built by kas and bitbake from the real Yocto stack."""
