# SPDX-License-Identifier: MIT
"""What surrounds a stick, and changes while it runs: coverage, signal, the network's mind, the Internet."""

from __future__ import annotations

from dataclasses import dataclass

GOOD_SIGNAL, WEAK_SIGNAL = 20, 3
"""<rssi> of +CSQ (3GPP TS 27.007, 8.5): -73 dBm, and -107 dBm at which calls begin to drop."""


@dataclass
class Air:
    """It outlives the stick's modes. Changed and read in the stick's own thread."""

    covered: bool = True
    """Whether the network can be heard at all."""
    internet: bool = True
    """Whether anything answers behind the operator, or behind the router in the stick."""
    signal: int = GOOD_SIGNAL
    drops: int = 0
    """How often the network has ended what packet data contexts there were."""
    lost_each: int = 0
    """Each so many-th packet is lost; 0: none."""
    _packets: int = 0

    def passes(self) -> bool:
        """Whether the next packet gets through."""
        self._packets += 1
        lost = self.lost_each and self._packets % self.lost_each == 0
        return self.internet and not lost
