# SPDX-License-Identifier: MIT
"""The graph that bitbake -g leaves is read, and one that is not there is a fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from modem_image.errors import FaultError
from modem_image.yocto import graph

# As bitbake 2.8 writes it.
DOT = """digraph depends {
"acl.do_build" [label="acl do_build\\n2.3.2-r0\\n/l/acl_2.3.2.bb"]
"acl.do_build" -> "acl.do_package_qa"
"m4-native.do_fetch" [label="m4-native do_fetch\\n1.4.19-r0\\nvirtual:native:/l/m4_1.4.19.bb"]
"our-image.do_build" [label="our-image do_build\\n1.0-r0\\n/l/our-image.bb"]
"our-image.do_build" -> "acl.do_build"
}
"""


def test_tasks_and_recipes_are_counted_once(tmp_path: Path) -> None:
    (tmp_path / "task-depends.dot").write_text(DOT)
    made = graph.read(tmp_path, "our-image")
    assert made.tasks == {("acl", "do_build"), ("m4-native", "do_fetch"), ("our-image", "do_build")}
    assert made.recipes == {"acl", "m4-native", "our-image"}


def test_a_graph_without_the_image_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultError, match="the graph of our-image is not there"):
        graph.read(tmp_path, "our-image")
    (tmp_path / "task-depends.dot").write_text(DOT)
    with pytest.raises(FaultError, match="the graph of other-image is not there"):
        graph.read(tmp_path, "other-image")
