# SPDX-License-Identifier: MIT
"""The emulated Colibri iMX7 with an emulated Huawei stick."""
