# SPDX-License-Identifier: MIT
"""oFono with the layer's patches, built from Debian's source for the bench and for the tests."""
