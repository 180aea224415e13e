# SPDX-License-Identifier: MIT
"""Files that are rendered and committed: from the database of sticks, and the example pipelines."""
