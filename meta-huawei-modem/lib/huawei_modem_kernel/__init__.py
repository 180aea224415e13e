# SPDX-License-Identifier: MIT
"""What the layer asks of a kernel's configuration, whether a configuration has it, and if not, why.

One copy for two users: the class huawei_modem_kernel_gate, in bitbake's own Python (3.8 and later, no
package besides the standard library), and `modem-image kernel-config` on a developer's machine. Only
`dependencies`, `kconfig` and `reasons` need kconfiglib; nothing here imports them unless asked for a reason.
"""
