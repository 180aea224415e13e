# SPDX-License-Identifier: MIT
"""What a build may set about the modem: the layer's variables, and the files that they name.

For bitbake's own Python, 3.8 and later. The class huawei_modem_sanity asks `rules.faults`.
"""
