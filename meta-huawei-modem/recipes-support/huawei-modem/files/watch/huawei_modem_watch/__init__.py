# SPDX-License-Identifier: MIT
"""Watches a modem's connection, brings it back where the daemons do not, and keeps what a fleet wants to see.

    look      from the system to `Seen`, without identities
    machine   from `Seen` to what is to be done: pure
    act       does it
    probe     whether the Internet answers through a network device
    show      journal fields, JSON for `huawei-modem status`, a textfile for Prometheus
    program   settings, and the loop

A package of its own beside the helper, which it uses as a library.
"""
