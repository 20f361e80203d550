"""The cost of the most expensive bodies that clients may send: the service's processor time for one POST /config."""

import json

from table import say

LIMIT = 256 * 1024
GOAL_SECONDS = 0.25
# The most values in a document, without keys.
VALUES = 10_000


def measure(stage, table, options):
    say("processor time of the worst bodies")
    repeats = 5 if options.quick else 20
    results = []
    with stage.service() as chain:
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            tool.store(connection, 1)
            for name, media_type, body in bodies():
                if len(body) > LIMIT:
                    raise RuntimeError(f"{name}: {len(body)} bytes are more than are allowed")

                def post():
                    connection.call("POST", tool.config_path, body, None, {"Content-Type": media_type})
                    if connection.status not in (200, 400, 422):
                        raise RuntimeError(f"{name}: {connection.status}")

                post()
                before = chain.usage.cpu_seconds
                for _ in range(repeats):
                    post()
                seconds = (chain.usage.cpu_seconds - before) / repeats
                say(f"  {name}: {seconds * 1000:.1f} ms ({connection.status})")
                results.append((seconds, name, connection.status))
            stage.forget_journal()
    results.sort(reverse=True)
    for (seconds, name, status), which in zip(results, ("worst", "next"), strict=False):
        table.add(
            f"processor time of one POST of 256 KiB, the {which} of {len(results)} bodies",
            f"{seconds * 1000:.1f} ms: {name} ({status})",
            ratio=seconds / GOAL_SECONDS,
            goal=f"≤ {GOAL_SECONDS * 1000:.0f} ms",
            met=seconds <= GOAL_SECONDS,
        )


def bodies():
    """Name, type and bytes of each."""
    build = {"repository": "https://localhost/a.git"}
    valid = {"components": {"a": {"build": build}}}
    prefix = json.dumps(valid)[:-1]

    def beside(name, text):
        """A valid config with one more key, as JSON."""
        return f"JSON, {name}", "application/json", f'{prefix}, "x": {text}}}'.encode()

    def filled(unit, separator, around=2):
        """The text, repeated as often as it fits."""
        count = (LIMIT - len(prefix) - 20 - around) // (len(unit) + len(separator))
        return separator.join([unit] * count)

    many = VALUES - 10
    yield beside("one string of escapes", '"' + filled(r"\u00e9", "") + '"')
    yield beside("one long string", '"' + filled("x", "") + '"')
    yield beside("one long number", "1" + filled("0", "", 10))
    yield beside("one long fraction", "0." + filled("1", "", 10))
    yield beside("long fractions", "[" + filled("0.1234567890123456", ",") + "]")
    numbers = [f"{number}.5e-{number % 300}" for number in range(many)]
    yield beside("as many numbers as may be", "[" + ",".join(numbers) + "]")
    nested = "[" * 60 + "]" * 60
    yield beside("nested arrays", "[" + ",".join([nested] * (many // 61)) + "]")
    yield beside("more values than may be", "[" + filled("0", ",") + "]")
    yield "JSON, nothing but opening brackets", "application/json", b"[" * LIMIT
    keys = {f"key-{number:06}": number for number in range(many)}
    yield "JSON, unknown keys", "application/json", json.dumps({**valid, **keys}).encode()
    yield beside("keys of one object below", json.dumps(keys))
    faulty = {"components": {f"{number:05}": [] for number in range(many)}}
    yield "JSON, broken components", "application/json", json.dumps(faulty).encode()
    wrong = {"build": {"repository": "ftp://x", "ref": ".."}}
    faulty = {"components": {f"c{number}": wrong for number in range(2_000)}}
    yield "JSON, components with two mistakes each", "application/json", json.dumps(faulty).encode()
    for repository in ("{{x}}", "git@x.org:a", "a@b:c"):
        guessed = {"components": {f"c{number}": {"build": {"repository": repository}} for number in range(3_000)}}
        yield f"JSON, components with the repository {repository}", "application/json", json.dumps(guessed).encode()
    page = {"build": {"repository": "https://github.com/a/b/tree/main"}}
    pages = {"components": {f"c{number}": page for number in range(3_000)}}
    yield "JSON, components with pages for repositories", "application/json", json.dumps(pages).encode()
    allowed = {"build": {**build, "envvars": {f"KEY{number:02}": "x" for number in range(50)}}}
    largest = {"components": {f"c{number}": allowed for number in range(100)}}
    yield "JSON, 100 components of 50 variables", "application/json", json.dumps(largest).encode()
    too_many = {"build": {**build, "envvars": {f"K{number:05}": "" for number in range(many)}}}
    yield "JSON, thousands of variables", "application/json", json.dumps({"components": {"a": too_many}}).encode()
    odd = {"build": {**build, "ref": "x" * 200}, **{f"k{number}": 1 for number in range(90)}}
    full = {"components": {f"c{number}": odd for number in range(100)}}
    yield "JSON, 100 components of 90 unknown keys", "application/json", json.dumps(full).encode()

    block = "components: {a: {build: {repository: 'https://localhost/a.git'}}}\n"
    room = LIMIT - len(block) - 20

    def below(name, text):
        """A valid config with further keys, as YAML."""
        return f"YAML, {name}", "application/yaml", (block + text).encode()

    yield below("unknown keys", "".join(f"key-{number:06}: {number}\n" for number in range(many)))
    yield below("one flow of scalars", "x: [" + "a, " * many + "]\n")
    yield below("as many numbers as may be", "x: [" + ", ".join(numbers)[: room - 10].rpartition(",")[0] + "]\n")
    yield below("nested flows", "x: [" + (nested + ", ") * (many // 61) + "]\n")
    yield "YAML, nothing but opening brackets", "application/yaml", b"[" * LIMIT
    yield below("one string of escapes", 'x: "' + r"\u00e9" * ((room - 10) // 6) + '"\n')
    yield below("one folded string", "x: >\n" + "  a\n" * (room // 4 - 10))
    yield below("comments", "#\n" * (room // 2))
    yield below("block sequences in each other", "x:\n" + ("- " * 60 + "a\n") * (many // 61))
    yield below("one quoted string over many lines", 'x: "' + "a\n\n " * (room // 4 - 10) + '"\n')
    yield below("one long key", "? " + "k" * (room - 20) + "\n: 1\n")
    yield below("one long number", "x: " + "9" * (room - 10) + "\n")
