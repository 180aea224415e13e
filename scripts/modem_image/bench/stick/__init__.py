# SPDX-License-Identifier: MIT
"""An emulated Huawei USB stick: a peer of QEMU's `usb-redir` device, in pure Python.

Layers, from the wire upwards; each is plain bytes in, bytes out, with no clock and no socket of its own:

    peer           the unix socket, the clock and the thread (the only I/O)
    link           the usbredir state machine: hello, plug, pending transfers, mode switch
    usbredir       the codec of the usbredir protocol 0.7
    usb            descriptors and standard requests; a device is a set of functions
    mass_storage   the installer mode: bulk-only transport, SCSI, the switch message
    serial         the AT ports: command lines, or PPP while a call is up
    ncm            the network port: transfer blocks, class requests, AT over encapsulated commands
    at, modem      the AT command language, and the modem that answers it
    ppp            HDLC framing, LCP, PAP, CHAP, IPCP
    network        the operator's network: ARP, DHCP, ICMP, DNS, TCP with echo and HTTP
    stick, data    what a stick is made of, read from bench/sticks/*.toml and the modem database
"""
