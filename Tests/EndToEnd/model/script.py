"""The shortest script that still fails."""


def shortest(steps, fails):
    """Drops each step without which `fails(steps)` still holds, until every one that is left is needed.

    `steps` is known to fail."""
    steps = list(steps)
    index = 0
    while index < len(steps):
        fewer = steps[:index] + steps[index + 1 :]
        if fails(fewer):
            steps, index = fewer, 0
        else:
            index += 1
    return steps
