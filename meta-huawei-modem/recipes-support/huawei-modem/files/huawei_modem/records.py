# SPDX-License-Identifier: MIT
"""NamedTuple without `typing`, whose import costs more than Python's own start.

`status` and `doctor` are asked again and again on a small board. Modules that they load take this one at run
time and typing's for the type checker, which cannot tell them apart:

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from typing import NamedTuple
    else:
        from huawei_modem.records import NamedTuple
"""

from __future__ import annotations

from _operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NamedTuple(tuple):  # type: ignore[type-arg]
    """A tuple whose items have names, from the annotations of the class; a value there is the default."""

    _fields: tuple[str, ...] = ()
    _defaults: dict[str, Any] = {}  # noqa: RUF012

    def __init_subclass__(cls) -> None:
        if cls._fields:
            # A class that only adds methods to a record.
            return
        cls._fields = tuple(cls.__annotations__)
        cls._defaults = {name: cls.__dict__[name] for name in cls._fields if name in cls.__dict__}
        for position, name in enumerate(cls._fields):
            setattr(cls, name, property(itemgetter(position)))

    def __new__(cls, *values: Any, **named: Any) -> Any:
        fields = cls._fields
        if len(values) != len(fields):
            values = (*values, *cls._rest(len(values), named))
        if named or len(values) != len(fields):
            raise TypeError(
                f"{cls.__name__}: takes {', '.join(fields)}; not {', '.join(named) or len(values)}"
            )
        return tuple.__new__(cls, values)

    @classmethod
    def _rest(cls, given: int, named: dict[str, Any]) -> list[Any]:
        rest = []
        for name in cls._fields[given:]:
            if name in named:
                rest.append(named.pop(name))
            elif name in cls._defaults:
                rest.append(cls._defaults[name])
            else:
                raise TypeError(f"{cls.__name__}: {name} is missing")
        return rest

    def _replace(self, **changes: Any) -> Any:
        values = [changes.pop(name, value) for name, value in self._asdict().items()]
        return type(self)(*values, **changes)

    def _asdict(self) -> dict[str, Any]:
        # No strict=: the layer's classes use reports with a build host's Python, which may be 3.8.
        return dict(zip(self._fields, self))  # noqa: B905

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        values = (f"{name}={value!r}" for name, value in self._asdict().items())
        return f"{type(self).__name__}({', '.join(values)})"
