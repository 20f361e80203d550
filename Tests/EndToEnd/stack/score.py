"""How often things are tried, and the figures for the score card (Tests/EndToEnd/SCORECARD.md)."""

import os
import random

LONG = bool(os.environ.get("LONG"))
# (row, figure) in the order in which they were measured; printed at the end of the run.
figures = []


def size(name, bounded, full):
    """How often a thing is tried: the environment variable of that name, else `full` with LONG set, else `bounded`."""
    return int(os.environ.get(name) or (full if LONG else bounded))


def seeded(what):
    """(seed, random number generator of that seed); TEST_SEED repeats a failure."""
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().getrandbits(32))
    print(f"{what}: TEST_SEED={seed}")
    return seed, random.Random(seed)


def figure(row, text):
    """Records a figure for a row of the card."""
    figures.append((row, text))
