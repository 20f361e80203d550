"""Reduces a failing script to a shortest one."""


def shortest(steps, fails):
    """Removes each step without which `fails(steps)` is still true, until every remaining step is needed.

    `steps` must fail."""
    steps = list(steps)
    index = 0
    while index < len(steps):
        fewer = steps[:index] + steps[index + 1 :]
        if fails(fewer):
            steps, index = fewer, 0
        else:
            index += 1
    return steps
