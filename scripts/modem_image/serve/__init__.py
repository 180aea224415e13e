# SPDX-License-Identifier: MIT
"""A feed in the LAN: HTTP as Easy Installer's downloads need it, and mDNS so that it is found."""
