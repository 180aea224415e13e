# SPDX-License-Identifier: MIT
"""The doctor as a static site that runs in the reader's browser."""
