# SPDX-License-Identifier: MIT
"""The command `ports`: asks the ports of a stick what they are.

at asks one port; ask goes over a stick and tells roles; entry writes down an unknown one; borrow takes
oFono's modem away meanwhile; command puts it together.
"""
