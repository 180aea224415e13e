# SPDX-License-Identifier: MIT
"""What the layer asks of a kernel's configuration, and whether a configuration has it."""
