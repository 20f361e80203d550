"""The table with which a run ends."""

import sys
from dataclasses import dataclass

HEADINGS = ("what", "figure", "ratio", "goal", "met")


@dataclass
class Row:
    what: str
    figure: str
    ratio: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def cells(self):
        return self.what, self.figure, self.ratio, self.goal, {None: "", True: "yes", False: "NO"}[self.met]


class Table:
    """Rows in the order in which they were measured; each is also printed as progress."""

    def __init__(self):
        self.rows = []

    def add(self, what, figure, *, ratio=None, goal="", met=None):
        """`met`: whether the goal is reached; None where there is none."""
        self.rows.append(Row(what, figure, "" if ratio is None else f"{ratio:.2f}", goal, met))
        say("  " + " | ".join(cell for cell in self.rows[-1].cells if cell))

    def at_least(self, what, figure, ratio, goal, judged=True):
        """A row whose ratio must not be less than its goal."""
        self._judge(what, figure, ratio, f"≥ {goal} ×", ratio >= goal, judged)

    def at_most(self, what, figure, ratio, goal, judged=True):
        """A row whose ratio must not be more than its goal."""
        self._judge(what, figure, ratio, f"≤ {goal} ×", ratio <= goal, judged)

    def _judge(self, what, figure, ratio, goal, met, judged):
        self.add(what, figure, ratio=ratio, goal=goal if judged else "", met=met if judged else None)

    def needs_fake(self, what):
        """What cannot be measured against a real cluster."""
        self.add(what, "needs the fake cluster")

    def text(self):
        """Aligned, and Markdown too."""
        lines = [HEADINGS, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
        rendered = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
        rendered.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
        return "\n".join(rendered)


def say(text):
    """Reports progress on standard error. Standard output has only the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
