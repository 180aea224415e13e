# SPDX-License-Identifier: MIT
"""Brings modems from "plugged in" to "ConnMan has all it needs", and a person's modem online; and back.

What has to happen, and who does it (ConnMan's plugins/ofono.c, src/technology.c; oFono's doc/):

- ConnMan powers every modem that oFono lists, and puts it online once its cellular technology is
  enabled. It is not on a new system: that is done here, once (a stamp keeps a person's later choice).
- The SIM is unlocked here, from a file (pin.py).
- ConnMan lists a service for an internet context with an access point. oFono finds one only where
  mobile-broadband-provider-info knows exactly one for the SIM; where it has none, the file of the
  team does (settings.py). What is set already stays.

A board may have several modems, and one of them may be dead: each takes its steps by itself (waiting.py), and
the first that gets to the end is enough.
"""

from huawei_modem.connect.connector import DISCONNECTED, Connector
from huawei_modem.connect.service import STAMP

__all__ = ["DISCONNECTED", "STAMP", "Connector"]
