# SPDX-License-Identifier: MIT
"""Why a symbol cannot have a value, and the fewest settings that would allow it.

Works on the symbols of `Model` with their current values: n, m, y are 0, 1, 2 as in kconfiglib.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import kconfiglib
from kconfiglib import AND, EQUAL, NOT, OR, UNEQUAL, expr_items, expr_str, expr_value, split_expr

from huawei_modem.report import Evidence

Symbol = Any  # kconfiglib.Symbol, which comes without types
Expression = Any  # a symbol, or a tuple of an operator and its operands

_TRISTATE = {"n": 0, "m": 1, "y": 2}
_LETTERS = "nmy"
_DEPTH = 6
_LINES = 12
_TYPES = {
    kconfiglib.BOOL: "bool",
    kconfiglib.TRISTATE: "tristate",
    kconfiglib.INT: "int",
    kconfiglib.HEX: "hex",
    kconfiglib.STRING: "string",
}


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """Why a symbol does not get a value: the code of the finding, what was seen, what would allow it.

    `changes` are settings to make besides; None when none were found.
    """

    code: str
    evidence: tuple[Evidence, ...]
    changes: dict[str, str] | None = None


def type_of(symbol: Symbol) -> str:
    return _TYPES.get(symbol.orig_type, "untyped")


def place_of(symbol: Symbol) -> tuple[str, int]:
    """File, relative to the tree, and line of the definition; of the one with a prompt, if any has."""
    node = next((node for node in symbol.nodes if node.prompt), symbol.nodes[0])
    return node.filename, node.linenr


def prompt_of(symbol: Symbol) -> str | None:
    return next((str(node.prompt[0]) for node in symbol.nodes if node.prompt), None)


def dependency_of(symbol: Symbol) -> str:
    """What the symbol depends on, as Kconfig writes it."""
    return _text(symbol.direct_dep)


def obstacle(symbol: Symbol, value: str) -> Obstacle | None:
    """What stands between a defined symbol and `value`; None when nothing does but a line that asks."""
    if reason := invalid_value(symbol, value):
        return Obstacle("kernel-symbol-invalid", (_at(symbol, reason),))
    if value not in _TRISTATE:
        return None
    wanted = _TRISTATE[value]
    if not any(node.prompt for node in symbol.nodes):
        return _promptless(symbol, wanted)
    if wanted == 0 and expr_value(symbol.rev_dep) > 0:
        return Obstacle("kernel-symbol-unmet", tuple(_selected(symbol)))
    if wanted and symbol.visibility < wanted:
        found = tuple(chain(symbol, wanted))[:_LINES]
        return Obstacle("kernel-symbol-unmet", found, changes(symbol, wanted))
    return None


def invalid_value(symbol: Symbol, value: str) -> str | None:
    """Why a symbol of this type cannot have the value at all; None when it can."""
    kind = type_of(symbol)
    if kind == "bool" and value not in ("y", "n"):
        return f"{symbol.name} is bool: y or n, not {value}"
    if kind == "tristate" and value not in _TRISTATE:
        return f"{symbol.name} is tristate: y, m or n, not {value}"
    if kind == "string" and not (len(value) > 1 and value[0] == value[-1] == '"'):
        return f"{symbol.name} is a string, in quotation marks, not {value}"
    if kind in ("int", "hex"):
        return _invalid_number(symbol, value, 10 if kind == "int" else 16)
    return None


def _invalid_number(symbol: Symbol, value: str, base: int) -> str | None:
    try:
        number = int(value, base)
    except ValueError:
        return f"{symbol.name} is {type_of(symbol)}, not {value}"
    for low, high, condition in symbol.ranges:
        if expr_value(condition):
            bounds = int(low.str_value, base), int(high.str_value, base)
            if not bounds[0] <= number <= bounds[1]:
                return f"{symbol.name} is from {low.str_value} to {high.str_value}, not {value}"
    return None


def chain(symbol: Symbol, wanted: int, seen: frozenset[Symbol] = frozenset()) -> list[Evidence]:
    """The unmet conditions, from the symbol down to those that are merely not set, each with its place."""
    if symbol in seen or len(seen) > _DEPTH or not symbol.nodes:
        return []
    lines = []
    below: list[Evidence] = []
    for part in _unmet(_condition(symbol), wanted):
        lines.append(_at(symbol, f"{symbol.name} depends on {_text(part)}, which is {_letter(part)}"))
        for item in sorted(expr_items(part), key=lambda item: item.name or ""):
            if _is_defined(item) and item.tri_value < wanted and _limit(item) < wanted:
                below += chain(item, wanted, seen | {symbol})
    return [*lines, *below]


def changes(symbol: Symbol, wanted: int, seen: frozenset[Symbol] = frozenset()) -> dict[str, str] | None:
    """The fewest settings, besides the symbol's own, that let it have `wanted`; None when none were found."""
    if symbol in seen or len(seen) > _DEPTH:
        return None
    if any(node.prompt for node in symbol.nodes):
        return _allow(_condition(symbol), wanted, seen | {symbol})
    return _allow(symbol.rev_dep, wanted, seen | {symbol})


def _allow(expression: Expression, wanted: int, seen: frozenset[Symbol]) -> dict[str, str] | None:
    if expr_value(expression) >= wanted:
        return {}
    if not isinstance(expression, tuple):
        return _set(expression, wanted, seen)
    operator, *operands = expression
    if operator is AND:
        parts = [_allow(operand, wanted, seen) for operand in operands]
        settings = [part for part in parts if part is not None]
        return {key: value for part in settings for key, value in part.items()} if None not in parts else None
    if operator is OR:
        ways = [_allow(operand, wanted, seen) for operand in operands]
        return min((way for way in ways if way is not None), key=len, default=None)
    return _negated(operator, operands)


def _set(symbol: Symbol, wanted: int, seen: frozenset[Symbol]) -> dict[str, str] | None:
    if not _is_defined(symbol):
        return None
    needed = changes(symbol, wanted, seen)
    if needed is None or not any(node.prompt for node in symbol.nodes):
        return needed
    tristate = symbol.orig_type == kconfiglib.TRISTATE
    return {**needed, symbol.name: "m" if tristate and wanted == 1 else "y"}


def _negated(operator: object, operands: list[Expression]) -> dict[str, str] | None:
    """A condition that asks for a symbol to be off, or to have one value."""
    symbol = operands[0]
    if isinstance(symbol, tuple) or not _is_defined(symbol) or expr_value(symbol.rev_dep):
        return None
    if operator is NOT or (operator is UNEQUAL and operands[1].name == "y"):
        return {symbol.name: "n"}
    if operator is EQUAL and operands[1].name in _TRISTATE:
        return {symbol.name: operands[1].name}
    return None


def _promptless(symbol: Symbol, wanted: int) -> Obstacle:
    others = selectors(symbol)
    named = f"selected by {', '.join(others[:6])}{' and others' * (len(others) > 6)}" if others else ""
    reason = f"{symbol.name} has no prompt, so that no line can set it; {named or 'nothing selects it'}"
    return Obstacle("kernel-symbol-promptless", (_at(symbol, reason),), changes(symbol, wanted))


def selectors(symbol: Symbol) -> list[str]:
    """The symbols that select this one, whether they are on or not."""
    items = (split_expr(part, AND)[0] for part in split_expr(symbol.rev_dep, OR))
    return [item.name for item in items if _is_defined(item)]


def _selected(symbol: Symbol) -> list[Evidence]:
    active = [part for part in split_expr(symbol.rev_dep, OR) if expr_value(part)]
    return [_at(symbol, f"{symbol.name} is selected by {_text(part)}") for part in active][:_LINES]


def _unmet(expression: Expression, wanted: int) -> list[Expression]:
    """The parts of a conjunction that are in the way, each once: an `if` and a prompt may repeat one."""
    parts = [part for part in split_expr(expression, AND) if expr_value(part) < wanted]
    return list({_text(part): part for part in parts}.values())


def _condition(symbol: Symbol) -> Expression:
    """What the most willing of the symbol's prompts depends on; for one without prompt, its dependency."""
    prompts = [node.prompt[1] for node in symbol.nodes if node.prompt]
    return max(prompts, key=expr_value) if prompts else symbol.direct_dep


def _limit(symbol: Symbol) -> int:
    """The highest value that a line could give the symbol now."""
    return int(symbol.visibility) if any(node.prompt for node in symbol.nodes) else 0


def _is_defined(item: object) -> bool:
    return isinstance(item, kconfiglib.Symbol) and not item.is_constant and bool(item.nodes)


def _at(symbol: Symbol, text: str) -> Evidence:
    file, line = place_of(symbol)
    return Evidence(file, text, line)


def _text(expression: Expression) -> str:
    return str(expr_str(expression))


def _letter(expression: Expression) -> str:
    return _LETTERS[expr_value(expression)]
