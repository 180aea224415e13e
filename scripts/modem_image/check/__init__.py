# SPDX-License-Identifier: MIT
"""Is an image consistent? Facts are read in one streaming pass; pure rules turn them into findings."""
