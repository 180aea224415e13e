# SPDX-License-Identifier: MIT
"""The figures that have a budget, each once: docs/dev/figures.tsv, of which a chart and a table are made.

    .venv/bin/python tests/benchmarks/figures.py                       makes both anew
    .venv/bin/python tests/benchmarks/figures.py "WHAT" MEASURED       notes a figure of today first

`--note` of whole_job.py, doctor_text.py, check_image.py and kernel_config.py notes their own.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLE, CHART, PAGE = (
    DOCS / "dev" / "figures.tsv",
    DOCS / "images" / "figures.svg",
    DOCS / "dev" / "performance.md",
)
BEGIN, END = "<!-- figures:begin -->\n", "<!-- figures:end -->\n"
_WIDTH, _LEFT, _ROW, _TOP, _TEXT = 920, 420, 24, 34, 150
_FULL = 1.5
"""The ratio at the chart's right end; a bar that is longer is cut, and says its ratio all the same."""


@dataclasses.dataclass(frozen=True)
class Figure:
    """One measurement and its budget, in the same unit."""

    what: str
    measured: float
    budget: float
    unit: str
    when: str
    script: str
    bound: str
    """What it is bounded by, and under which conditions it was taken."""

    @property
    def ratio(self) -> float:
        """Above 1 the budget is missed."""
        return self.measured / self.budget


def load(path: Path = TABLE) -> list[Figure]:
    """The table's figures in its order. Raises ValueError for a row that has no numbers."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Figure(
                row["what"],
                float(row["measured"]),
                float(row["budget"]),
                row["unit"],
                row["when"],
                row["script"],
                row["bound"],
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def note(what: str, measured: float, path: Path = TABLE) -> None:
    """Replace a figure by today's measurement. Raises KeyError for one that the table does not have."""
    figures = load(path)
    if what not in {figure.what for figure in figures}:
        raise KeyError(what)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    figures = [
        dataclasses.replace(figure, measured=measured, when=today) if figure.what == what else figure
        for figure in figures
    ]
    names = [field.name for field in dataclasses.fields(Figure)]
    lines = ["\t".join(names)]
    lines += ["\t".join(_cell(getattr(figure, name)) for name in names) for figure in figures]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def table(figures: Sequence[Figure]) -> str:
    """The rows as Markdown; a budget that is missed is bold."""
    rows = [
        f"| {each.what} | {_bold(f'{each.measured:.4g} {each.unit}', each.ratio > 1)} | {each.budget:.4g} | "
        f"{each.when} | `{each.script}` | {each.bound} |"
        for each in figures
    ]
    head = ("| what | measured | budget | when | by | bounded by |", "|---|---|---|---|---|---|")
    return "\n".join((*head, *rows)) + "\n"


def _bold(text: str, is_bold: bool) -> str:
    return f"**{text}**" if is_bold else text


def put(page: str, figures: Sequence[Figure]) -> str:
    """The page with its table made anew."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + table(figures) + END + rest.partition(END)[2]


def note_all(measured: Mapping[str, float]) -> None:
    """Note what a script has measured just now, and draw."""
    for what, value in measured.items():
        note(what, value)
    make()


def make() -> None:
    """Chart and table, of the figures as they stand."""
    figures = load()
    CHART.write_text(draw(figures), encoding="utf-8")
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


def draw(figures: Sequence[Figure]) -> str:
    """The chart as SVG: a bar for each ratio, a line where the budget ends."""
    height = _TOP + _ROW * len(figures) + 12
    scale = (_WIDTH - _LEFT - _TEXT) / _FULL
    limit = _LEFT + scale
    rows = []
    for number, figure in enumerate(figures):
        y = _TOP + _ROW * number
        kind = "over" if figure.ratio > 1 else "within"
        width = min(figure.ratio, _FULL) * scale
        text = f"{figure.measured:.4g} of {figure.budget:.4g} {figure.unit}"
        rows += [
            f'<text x="{_LEFT - 10}" y="{y + 15}" text-anchor="end">{escape(figure.what)}</text>',
            f'<rect class="{kind}" x="{_LEFT}" y="{y + 3}" width="{width:.1f}" height="16">'
            f"<title>{figure.ratio:.2f} of the budget, {figure.when}, {figure.script}</title></rect>",
            f'<text class="soft" x="{_WIDTH - _TEXT + 10}" y="{y + 15}">{text}</text>',
        ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            'aria-label="Each measurement as a part of its budget">',
            "<style>text { font: 13px system-ui, sans-serif; fill: #1b1f24; } .soft { fill: #57606a; }"
            " .within { fill: #3c8d5a; } .over { fill: #b3261e; } .back { fill: #fff; }"
            " .limit { stroke: #57606a; stroke-dasharray: 4 3; }</style>",
            f'<rect class="back" width="{_WIDTH}" height="{height}"/>',
            f'<text class="soft" x="{limit:.1f}" y="18" text-anchor="middle">budget</text>',
            *rows,
            f'<line class="limit" x1="{limit:.1f}" x2="{limit:.1f}" y1="24" y2="{height - 6}"/>',
            "</svg>",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", metavar="WHAT")
    parser.add_argument("measured", nargs="?", type=float, metavar="MEASURED")
    args = parser.parse_args()
    if args.measured is not None:
        note(args.what, args.measured)
    make()


if __name__ == "__main__":
    main()
