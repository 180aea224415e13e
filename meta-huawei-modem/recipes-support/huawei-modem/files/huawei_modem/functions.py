# SPDX-License-Identifier: MIT
"""What the interfaces of a stick are for, in groups that several rules ask about."""

SERIAL = ("modem", "pcui", "diag", "gps")
NETWORK = ("ncm", "qmi", "ether", "mbim", "rndis")
OFONO_NEEDS = ("modem", "pcui")
"""oFono's setup_huawei() (plugins/udevng.c) takes a modem only with both of these ports."""
