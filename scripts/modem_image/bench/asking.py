# SPDX-License-Identifier: MIT
"""What a board is asked once all has happened that happens by itself, and what its answers are worth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from huawei_modem.catalogue import found
from huawei_modem.report import Evidence, Finding, Severity
from modem_image.bench import observe

CAPTURE = "capture.tar.gz"
"""What `huawei-modem report` wrote on the board at the end, in the visit's folder."""
CAPTURE_THERE = f"/run/{CAPTURE}"
QUESTIONS: Mapping[str, str] = {
    "doctor": "huawei-modem doctor --json - 2>/dev/null",
    "modules": "huawei-modem check-modules",
    "capture": f"rm -f {CAPTURE_THERE}; huawei-modem report {CAPTURE_THERE}",
}
"""What every board is asked in the end, by the step's name."""
# Generous: on a busy machine the emulated one is several times slower than the minute it takes alone.
ANSWER_PATIENCE = 180.0


class Asked(Protocol):
    """A board that answers: a Guest, or one over SSH."""

    def run(self, command: str, patience: float = ..., /) -> tuple[int, str]: ...

    def fetch(self, path: str, patience: float, /) -> bytes: ...


@dataclass(frozen=True)
class Answer:
    """What the board said when it was asked at the end. `moment` is of the host's monotonic clock."""

    name: str
    moment: float
    status: int
    output: str


def ask(
    board: Asked, questions: Mapping[str, str], folder: Path, kept: Callable[[str], str] = str
) -> dict[str, Answer]:
    """The board's answers, which `folder` keeps as `kept` makes them, with the capture that was asked for."""
    answers = {}
    for name, command in questions.items():
        status, output = board.run(command, ANSWER_PATIENCE)
        answers[name] = Answer(name, time.monotonic(), status, output)
        with (folder / "answers.txt").open("a") as log:
            log.write(kept(f"$ {command}\n{output}exit status {status}\n\n"))
    if "capture" in answers and answers["capture"].status == 0:
        (folder / CAPTURE).write_bytes(board.fetch(CAPTURE_THERE, ANSWER_PATIENCE))
    return answers


def of_answers(answers: Mapping[str, Answer], clock: observe.Clock) -> Iterator[observe.Observation]:
    """An observation of each answer, of the moment when it came."""
    for answer in answers.values():
        word = "ok" if answer.status == 0 else f"exit status {answer.status}"
        # The last line of a document is a brace.
        is_document = isinstance(json_of(answer.output), dict | list)
        last = "" if is_document else answer.output.strip().rpartition("\n")[2]
        yield observe.Observation(
            clock.of_host(answer.moment), "bench", answer.name, f"{word} {last}".rstrip()
        )


def doctors_findings(answer: Answer) -> list[Finding]:
    """What the doctor on the board found, as findings of this report."""
    document = json_of(answer.output)
    if document is None:
        said = " ".join(answer.output.split())[-300:]
        return [found("bench-doctor-unreadable", [Evidence("huawei-modem doctor", said)])]
    return [
        Finding(
            item["code"],
            Severity(item["severity"]),
            item["title"],
            tuple(
                Evidence(f"board: {seen['source']}", seen["text"], seen.get("line"))
                for seen in item["evidence"]
            ),
            tuple(item["remedy"]),
        )
        for item in document["findings"]
    ]


def json_of(text: str) -> Any:
    """The document; None where the text is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return None
