# SPDX-License-Identifier: MIT
"""`modem-image check`: what a developer's machine adds to the layer's check (huawei_modem_check)."""
