# SPDX-License-Identifier: MIT
"""The doctor's report as a page; the doctor itself is `huawei_modem.transcript`."""
