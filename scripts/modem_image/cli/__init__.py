# SPDX-License-Identifier: MIT
"""The command line of the host: scripts/modem-image COMMAND. What its commands share lies here."""

from modem_image.cli.dispatch import main

__all__ = ["main"]
