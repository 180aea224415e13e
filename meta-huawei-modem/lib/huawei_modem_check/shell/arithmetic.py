# SPDX-License-Identifier: MIT
"""$((...)) as BusyBox reckons it (shell/math.c of 1.36): C's operators, 64 bits, names of variables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Get = Callable[[str], int | None]
    Put = Callable[[str, int | None], None]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator><<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),]))",
    re.ASCII,
)
_LEVELS: dict[str, int] = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}
_OTHERS = ("**", "?", ":", ",")
_DIGITS = 18


class ArithmeticFaultError(Exception):
    """The shell ends over it: no number, no operand, or a division by 0."""


class UnmodelledError(Exception):
    """An operator that is not modelled."""


def evaluate(text: str, get: Get, put: Put) -> int | None:
    """The value, None when it is not known. Raises ArithmeticFaultError and UnmodelledError."""
    symbols: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ArithmeticFaultError(text)
        symbols.append(match[0].strip())
        at = match.end()
    if not symbols:
        return 0
    reader = _Reader(symbols, get, put)
    value = reader.expression(0)
    if reader.symbols:
        raise (UnmodelledError if reader.symbols[0] in _OTHERS else ArithmeticFaultError)(text)
    return value


class _Reader:
    def __init__(self, symbols: list[str], get: Get, put: Put) -> None:
        self.symbols = symbols
        self.get = get
        self.put = put

    def expression(self, level: int) -> int | None:
        value = self.operand()
        while self.symbols and (own := _LEVELS.get(self.symbols[0], 0)) > level:
            operator = self.symbols.pop(0)
            value = _applied(operator, value, self.expression(own))
        if level == 0 and self.symbols and self.symbols[0] in ("?", ","):
            raise UnmodelledError(self.symbols[0])
        return value

    def operand(self) -> int | None:
        if not self.symbols:
            raise ArithmeticFaultError("an operand is missing")
        symbol = self.symbols.pop(0)
        if symbol == "(":
            value = self.expression(0)
            if not self.symbols or self.symbols.pop(0) != ")":
                raise ArithmeticFaultError("( without )")
            return value
        if symbol in ("-", "+", "!", "~"):
            return _unary(symbol, self.operand())
        if symbol in ("++", "--"):
            raise UnmodelledError(symbol)
        if symbol[0].isdigit():
            return _number(symbol)
        if not re.match("[A-Za-z_]", symbol):
            raise ArithmeticFaultError(symbol)
        return self.variable(symbol)

    def variable(self, name: str) -> int | None:
        following = self.symbols[0] if self.symbols else ""
        if following in ("++", "--"):
            self.symbols.pop(0)
            value = self.get(name)
            self.put(name, None if value is None else value + (1 if following == "++" else -1))
            return value
        if following.endswith("=") and following not in ("==", "!=", "<=", ">="):
            self.symbols.pop(0)
            value = self.expression(0)
            if following != "=":
                value = _applied(following[:-1], self.get(name), value)
            self.put(name, value)
            return value
        return self.get(name)


def _number(symbol: str) -> int:
    if len(symbol) > _DIGITS:
        raise UnmodelledError(symbol)
    base = 16 if symbol[:2].lower() == "0x" else 8 if symbol.startswith("0") else 10
    try:
        return int(symbol, base)
    except ValueError:
        raise ArithmeticFaultError(symbol) from None


def _unary(operator: str, value: int | None) -> int | None:
    if value is None:
        return None
    return {"-": -value, "+": value, "!": int(value == 0), "~": ~value}[operator]


def _applied(operator: str, left: int | None, right: int | None) -> int | None:
    if operator in ("/", "%") and right == 0:
        raise ArithmeticFaultError("a division by 0")
    if left is None or right is None:
        return None
    if operator in ("/", "%"):
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if operator == "/" else left - quotient * right
    if operator in ("<<", ">>") and not 0 <= right < 63:
        raise UnmodelledError(operator)
    value = {
        "||": lambda: int(bool(left) or bool(right)),
        "&&": lambda: int(bool(left) and bool(right)),
        "|": lambda: left | right,
        "^": lambda: left ^ right,
        "&": lambda: left & right,
        "==": lambda: int(left == right),
        "!=": lambda: int(left != right),
        "<": lambda: int(left < right),
        ">": lambda: int(left > right),
        "<=": lambda: int(left <= right),
        ">=": lambda: int(left >= right),
        "<<": lambda: left << right,
        ">>": lambda: left >> right,
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
    }.get(operator)
    if value is None:
        raise UnmodelledError(operator)
    if abs(found := value()) >> 63:
        raise UnmodelledError(operator)
    return found
