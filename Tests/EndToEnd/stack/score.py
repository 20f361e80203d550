"""How much is tried, and the figures of the score card (Tests/EndToEnd/SCORECARD.md) that come of it."""

import os
import random

LONG = bool(os.environ.get("LONG"))
# (row, figure) in the order in which they were measured; printed at the end of the run.
figures = []


def size(name, bounded, full):
    """How often a thing is tried: the environment variable of that name, else `full` with LONG set, else `bounded`."""
    return int(os.environ.get(name) or (full if LONG else bounded))


def seeded(what):
    """(seed, random numbers that come again with it); TEST_SEED repeats a failure."""
    seed = int(os.environ.get("TEST_SEED") or random.SystemRandom().getrandbits(32))
    print(f"{what}: TEST_SEED={seed}")
    return seed, random.Random(seed)


def figure(row, text):
    """Notes what was measured for a row of the card."""
    figures.append((row, text))
