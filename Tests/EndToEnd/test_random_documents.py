"""Random documents: what is stored is what was sent, in type and value, or it was refused with the place."""

import concurrent.futures
import json
import os
import random
from decimal import Decimal

import pytest

WORKERS = 4
CHARACTERS = " \t\n\r\"'\\/:-#[]{},&*!|>%@`~?=<.09azYN\0\x1b\x7f\x85\u00a0\u2028\ufeff\ufffe\uffffé€😀"


def random_string(numbers):
    """The text of a JSON string, with a random choice of escapes, sometimes wrong ones."""
    parts = []
    for _ in range(numbers.randrange(0, 9)):
        character = numbers.choice(CHARACTERS)
        ways = [json.dumps(character)[1:-1], json.dumps(character, ensure_ascii=False)[1:-1]]
        if ord(character) < 0x10000:
            ways.append(f"\\u{ord(character):04X}")
        if numbers.random() < 0.003:
            ways = ["\\ud800", "\\q"]
        parts.append(numbers.choice(ways))
    return '"' + "".join(parts) + '"'


def random_number(numbers):
    """The text of a JSON number: integers near the limits of 64 bits, and decimals with more digits than binary64 keeps."""
    integer = str(numbers.getrandbits(numbers.randrange(1, 65))).lstrip("0") or "0"
    kind = numbers.randrange(5)
    if kind == 0:
        return numbers.choice(("", "-")) + integer
    if kind == 1:
        return repr(numbers.uniform(-1e6, 1e6))
    if kind == 2:
        return repr(numbers.random() * 10.0 ** numbers.randrange(-320, 308))
    if kind == 3:
        return f"{integer[:numbers.randrange(1, 12)]}.{'0' * numbers.randrange(1, 4)}"
    return f"-{integer[:9]}.5{numbers.choice('eE')}{numbers.choice(('', '+', '-'))}{numbers.randrange(0, 30):02}"


def random_value(numbers, depth):
    kind = numbers.randrange(7 if depth else 5)
    if kind < 2:
        return numbers.choice(("null", "true", "false")) if kind else random_string(numbers)
    if kind < 5:
        return random_number(numbers) if kind < 4 else random_string(numbers)
    space = numbers.choice(("", " ", "\n"))
    values = [random_value(numbers, depth - 1) for _ in range(numbers.randrange(0, 4))]
    if kind == 5:
        return "[" + f",{space}".join(values) + space + "]"
    return "{" + ",".join(f"{random_string(numbers)}:{space}{value}" for value in values) + "}"


def exact(value):
    """A value in a form in which equality means equal type and decimal value."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, (int, float)):
        return Decimal(repr(value))
    if isinstance(value, Decimal):
        return value
    if isinstance(value, list):
        return [exact(item) for item in value]
    return {key: exact(item) for key, item in value.items()}


def run(tool, numbers, count):
    """Stores documents one after the other; returns how many were stored and how many refused."""
    taken = refused = 0
    for _ in range(count):
        web = f'"components": {{"web": {{"build": {{"repository": {json.dumps(tool.repository)}}}}}}}'
        text = f'{{{web}, "a": {random_value(numbers, 4)}}}'
        media_type = numbers.choice(("application/json", "application/yaml"))
        response = tool.api.post(tool.config_path, text, media_type)
        if response.status == 400:
            assert "line " in response.error and "column " in response.error, (text, response)
            refused += 1
            continue
        assert response.status == 200, (text, response)
        sent = exact(json.loads(text, parse_int=Decimal, parse_float=Decimal))
        assert exact(tool.cluster.config(tool.name)["spec"]) == sent, text
        assert exact(tool.api.get(tool.config_path).data) == sent, text
        taken += 1
    return taken, refused


@pytest.mark.timeout(3600)
def test_what_is_stored_is_what_was_sent_or_it_was_refused(make_tool, long_run, stack_kind, capsys):
    # Every stack passes bodies on unchanged, so one stack is enough.
    documents = 10_000 if long_run and stack_kind == "plain" else 120
    seed = int(os.environ.get("TEST_SEED", random.randrange(2**32)))
    with capsys.disabled():
        print(f"\nrandom documents: seed {seed}")
    tools = [make_tool(f"random-{index}") for index in range(WORKERS)]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runs = [
            pool.submit(run, tool, random.Random(f"{seed}/{index}"), documents // WORKERS)
            for index, tool in enumerate(tools)
        ]
        results = [each.result() for each in runs]
    taken, refused = (sum(column) for column in zip(*results))
    with capsys.disabled():
        print(f"random documents: {taken} stored as they were sent, {refused} refused")
    assert taken + refused == documents
    assert taken > documents // 3
    assert refused > 0
