# SPDX-License-Identifier: MIT
"""The stand-ins for typing.NamedTuple and pathlib.Path: the same, as far as the helper uses them."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from huawei_modem import records
from huawei_modem.paths import Folder


class Point(records.NamedTuple):
    """A record with a default and a property."""

    x: int
    y: int
    name: str = "point"

    @property
    def sum(self) -> int:
        return self.x + self.y


def test_a_record_is_a_tuple_with_names() -> None:
    point = Point(1, y=2)
    assert point == (1, 2, "point") and hash(point) == hash((1, 2, "point"))
    assert (point.x, point.name, point.sum) == (1, "point", 3)
    assert repr(point) == "Point(x=1, y=2, name='point')"
    assert point._replace(name="other") == Point(1, 2, "other")
    assert point._asdict() == {"x": 1, "y": 2, "name": "point"}
    assert copy.deepcopy(point) == pickle.loads(pickle.dumps(point)) == point  # noqa: S301  (its own)
    assert type(point._replace(x=5)) is Point


@pytest.mark.parametrize(
    ("values", "named"),
    [((1,), {}), ((1, 2, "a", 4), {}), ((1, 2), {"z": 1}), ((1, 2), {"x": 1}), ((), {"x": 1})],
)
def test_wrong_arguments_are_refused(values: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(*values, **named)
    with pytest.raises(TypeError):
        Point(1, 2)._replace(z=1)


def test_a_folder_reads_as_a_path_does(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_text("grün\n", encoding="utf-8")
    (tmp_path / "link").symlink_to("sub")
    folder = Folder(str(tmp_path))
    assert {entry.name for entry in folder.iterdir()} == {"sub", "link"}
    assert (folder / "link").is_dir()
    assert (folder / "sub/file").read_text() == "grün\n"
    assert (folder / "sub/file").is_file() and not (folder / "absent").exists()
    with (folder / "sub" / "file").open("rb") as file:
        assert file.read() == (tmp_path / "sub/file").read_bytes()
    assert (folder / "sub/file").read_bytes() == (tmp_path / "sub/file").read_bytes()
    assert str(Folder("/") / "sys") == "/sys"
    with pytest.raises(OSError, match="No such file"):
        list((folder / "absent").iterdir())
