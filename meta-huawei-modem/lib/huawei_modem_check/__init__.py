# SPDX-License-Identifier: MIT
"""Is an image consistent? Facts are read in one streaming pass; pure rules turn them into findings.

One copy for two users: the class huawei_modem_image_check, with the build host's Python (3.8 and later, no
package besides the standard library), and `modem-image check` on a developer's machine.
"""
