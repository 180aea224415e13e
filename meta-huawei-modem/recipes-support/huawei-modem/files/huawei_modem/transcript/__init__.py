# SPDX-License-Identifier: MIT
"""What people paste: logs and the output of commands, mixed with prompts and prose, read as one history.

text -> reader (prefixes) -> readers, one an area (usb, kernel, ppp, ...) -> states -> rules -> findings

Each rule judges one state; `diagnose` follows the states in time. Nothing here is imported by the
commands that judge the live system.
"""
