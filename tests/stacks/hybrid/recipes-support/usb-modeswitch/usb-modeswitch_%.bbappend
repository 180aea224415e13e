# SPDX-License-Identifier: MIT
# The GPL 2 in the tree of 2.5.2: the recipe's sum is of the file in 2.6.2.
LIC_FILES_CHKSUM = "file://COPYING;md5=94d55d512a9ba36caa9b7df079bae19f"
