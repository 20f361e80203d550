"""Every point of a request at which a fault can happen, computed from the calls of an undisturbed request."""

from collections import Counter
from typing import NamedTuple

from stack.rights import ACCOUNT


class Point(NamedTuple):
    """The nth call of its kind in a request."""

    call: tuple
    number: int

    def __str__(self):
        verb, resource, subresource = self.call
        return f"{verb} {resource}{'/' + subresource if subresource else ''} {self.number + 1}"


def calls(journal):
    return [
        (entry["verb"], entry["resource"], entry["subresource"])
        for entry in journal
        if entry["user"] == ACCOUNT and entry["resource"]
    ]


def points(journal):
    """In the order of the journal."""
    seen = Counter()
    found = []
    for call in calls(journal):
        found.append(Point(call, seen[call]))
        seen[call] += 1
    return found


def rule(subject, point, action, times=1):
    """A fault at that point of the subject's next request."""
    return subject.where(point.call, skip=point.number, times=times, action=action)
