# SPDX-License-Identifier: MIT
"""Recordings of real sticks: what somebody's lsusb or capture shows, as data that the bench can plug in."""
