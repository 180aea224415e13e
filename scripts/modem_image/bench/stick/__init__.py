# SPDX-License-Identifier: MIT
"""An emulated Huawei USB stick: a peer of QEMU's `usb-redir` device, in pure Python.

Layers, from the wire upwards; each is plain bytes in, bytes out, with no clock and no socket of its own:

    peer                        the unix socket, the clock and the thread (the only I/O)
    link                        the usbredir state machine: hello, plug, pending transfers, mode switch
    usbredir, redir_encoder     the codec of the usbredir protocol 0.7
    usb, descriptors            standard requests and descriptors; a device is a set of functions
    mass_storage                the installer mode: bulk-only transport, SCSI, the switch message
    serial                      the AT ports: command lines, or PPP while a call is up
    ncm, ntb                    the network port: class requests, AT over them, transfer blocks
    at, modem, sim              the AT command language, the modem that answers it, its SIM
    ppp, ppp_packets, hdlc      the network's end of PPP: LCP, PAP, CHAP, IPCP, framing
    network, ip, tcp, dhcp,     the operator's network: ARP, DHCP, ICMP, DNS, TCP with echo and HTTP
    services
    stick, data                 what a stick is made of, from bench/sticks/*.toml and the modem database
"""
