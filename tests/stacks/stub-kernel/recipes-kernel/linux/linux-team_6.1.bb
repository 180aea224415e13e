# SPDX-License-Identifier: MIT
# A team's own kernel: no append of ours is for it, and it asks for the gate alone, as docs/kernel.md says.
require recipes-kernel/linux/linux-yocto_6.1.bb

inherit huawei_modem_kernel_gate
