# SPDX-License-Identifier: MIT
"""A bed for the real daemons: mocked sticks in namespaces of their own.

    describe    a mode of the database as the kernel shows it, in umockdev's format (pure)
    bus         a D-Bus configuration that allows everything
    client      `Bed`, which a test uses: plug, udev, ofonod, connmand, D-Bus calls, what the stick saw
    worker      the process behind it, with the distribution's Python (gi, dbus), in its namespaces
    emulation   the AT ports, PPP and the network device, made of the bench's own stick

Real: udevd's rules (udevadm test), ofonod, connmand, usb_modeswitch, the kernel's TUN and TAP devices.
Mocked: /sys and /dev of the stick (umockdev). The kernel's USB drivers do not run here; which driver an
interface gets is the database's word, which tests/kernel holds against the drivers' tables.
"""
