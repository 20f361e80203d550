"""Bodies that are no JSON, no YAML, or more than the cluster would give back: 400, with the place, and nothing is
stored."""

import gzip
import json

import pytest

WEB = '"components": {"web": {"build": {"repository": "https://example.org/web.git"}}}'

BAD_JSON = {
    "nothing": b"",
    "no JSON": b"components: {}",
    "cut short": b'{"components": {',
    "more behind it": f"{{{WEB}}} {{}}".encode(),
    "trailing comma": f"{{{WEB},}}".encode(),
    "comment": f"{{{WEB} /* */}}".encode(),
    "single quotes": b"{'components': {}}",
    "a tab in a string": f'{{{WEB}, "a": "\t"}}'.encode(),
    "not UTF-8": f'{{{WEB}, "a": "'.encode() + b'\xff"}',
    "overlong UTF-8": f'{{{WEB}, "a": "'.encode() + b'\xc0\xaf"}',
    "UTF-16": f"{{{WEB}}}".encode("utf-16"),
    "duplicate key": f'{{{WEB}, "a": 1, "a": 2}}'.encode(),
    "duplicate key, escaped": f'{{{WEB}, "a": 1, "\\u0061": 2}}'.encode(),
    "duplicate key, deep": f'{{{WEB}, "a": [{{"b": 1, "b": 1}}]}}'.encode(),
    "lone high surrogate": f'{{{WEB}, "a": "\\ud800"}}'.encode(),
    "lone low surrogate": f'{{{WEB}, "a": "\\udc00x"}}'.encode(),
    "lone surrogate in a key": f'{{{WEB}, "\\ud83d": 1}}'.encode(),
    "NaN": f'{{{WEB}, "a": NaN}}'.encode(),
    "Infinity": f'{{{WEB}, "a": -Infinity}}'.encode(),
    "1e400": f'{{{WEB}, "a": 1e400}}'.encode(),
    "2^63": f'{{{WEB}, "a": 9223372036854775808}}'.encode(),
    "-2^63-1": f'{{{WEB}, "a": -9223372036854775809}}'.encode(),
    "2^64": f'{{{WEB}, "a": 18446744073709551616}}'.encode(),
    "too many digits": f'{{{WEB}, "a": 0.10000000000000000001}}'.encode(),
    "leading zero": f'{{{WEB}, "a": 012}}'.encode(),
    "65 deep": f'{{{WEB}, "a": {"[" * 64}{"]" * 64}}}'.encode(),
    "100,000 deep": b"[" * 100_000,
    "UTF-16 without a mark": f"{{{WEB}}}".encode("utf-16-le"),
    "gzip": gzip.compress(f"{{{WEB}}}".encode()),
}

BAD_YAML = {
    "cut short": b"components: {",
    "a tab for indentation": b"components:\n\tweb: {}\n",
    "duplicate key": f"{{{WEB}, a: 1, 'a': 2}}".encode(),
    "alias": f"{{{WEB}, a: &x [1], b: *x}}".encode(),
    "alias of itself": b"a: &x\n  b: *x\n",
    "tag": f"{{{WEB}, a: !!str 1}}".encode(),
    "own tag": f"{{{WEB}, a: !thing 1}}".encode(),
    "second document": f"{{{WEB}}}\n---\na: 1\n".encode(),
    "not a number": f"{{{WEB}, a: .nan}}".encode(),
    "infinite": f"{{{WEB}, a: -.inf}}".encode(),
    "1e400": f"{{{WEB}, a: 1e400}}".encode(),
    "2^63": f"{{{WEB}, a: 9223372036854775808}}".encode(),
    "too many digits": f"{{{WEB}, a: 0.10000000000000000001}}".encode(),
    "65 deep": f"{{{WEB}, a: {'[' * 64}{']' * 64}}}".encode(),
    "not UTF-8": f"{{{WEB}, a: ".encode() + b"\xff}",
    "a control character": f"{{{WEB}, a: \x01}}".encode(),
    "UTF-16, big end first": b"\xfe\xff" + "components: {}".encode("utf-16-be"),
    "a key that is a list": f"{{{WEB}, [a]: 1}}".encode(),
}

CASES = [
    pytest.param(body, media_type, id=f"{media_type.split('/')[1]}: {case}")
    for media_type, cases in (("application/json", BAD_JSON), ("application/yaml", BAD_YAML))
    for case, body in cases.items()
]


@pytest.fixture(scope="module")
def holder(make_tool):
    """One tool for all cases, with a config that none of them may change."""
    tool = make_tool("syntax")
    tool.store()
    return tool


@pytest.mark.parametrize("body, media_type", CASES)
def test_what_cannot_be_read_or_kept_is_400_and_stores_nothing(holder, body, media_type):
    with holder.cluster.recording() as journal:
        response = holder.api.post(holder.config_path, body, media_type)
    assert response.status == 400, response
    assert not journal.entries
    assert holder.cluster.config("syntax")["spec"] == holder.config()


def test_a_syntax_error_names_line_and_column(holder):
    for body, media_type in (
        (b'{\n  "components": {\n    oops\n  }\n}', "application/json"),
        (b"components:\n  web: {}\n  oops: [\n", "application/yaml"),
    ):
        message = holder.api.post(holder.config_path, body, media_type).error
        assert "line 3" in message or "line 4" in message, message
        assert "column" in message, message


def test_yaml_without_a_content_type_gets_a_hint(holder):
    response = holder.api.post(holder.config_path, "components: {}\n")
    assert response.status == 400
    assert "application/yaml" in response.error


HINTS = {
    "YAML sent as JSON": ("application/json", b"components:\n  web: {}\n", "Content-Type: application/yaml"),
    "curl -d of YAML": ("application/yaml", b"# mycomponents:  web:    build: {}", "--data-binary"),
    "curl -d": ("application/x-www-form-urlencoded", b"components:  web:", "--data-binary"),
    "a tab": ("application/yaml", b"components:\n\tweb: {}\n", "a tab cannot indent a line"),
    "cron": ("application/yaml", b"schedule: */5 * * * *\n", "put a value that begins with '*' in quotes"),
    "@daily": ("application/yaml", b"schedule: @daily\n", "a value cannot begin with '@': put it in quotes"),
    "&": ("application/yaml", b"a: && b\n", "put a value that begins with '&' in quotes"),
    "%": ("application/yaml", b"a: %b\n", "a value cannot begin with '%': put it in quotes"),
    "UTF-16": ("application/yaml", "components: {}".encode("utf-16"), "this is UTF-16: convert it to UTF-8"),
    "gzip": ("application/json", gzip.compress(b"{}"), "compressed by gzip"),
    "comma": ("application/json", b'{"a": 1,}', "no comma before '}'"),
}


@pytest.mark.parametrize("media_type, body, words", HINTS.values(), ids=HINTS)
def test_the_commonest_mistakes_get_a_hint(holder, media_type, body, words):
    response = holder.api.post(holder.config_path, body, media_type)
    assert response.status in (400, 415)
    assert words in response.error, response.error


def test_a_compressed_body_is_415(holder):
    body = gzip.compress(f"{{{WEB}}}".encode())
    response = holder.api.post(holder.config_path, body, "application/json", headers={"Content-Encoding": "gzip"})
    assert response.status == 415
    assert response.headers["Accept-Encoding"] == "identity"
    assert "uncompressed" in response.error


def test_white_space_is_no_body(tool):
    tool.store()
    assert tool.api.post(tool.deploy_path, " \r\n").status == 201


def test_64_levels_are_kept(tool):
    body = f'{{{WEB}, "a": {"[" * 63}{"]" * 63}}}'
    assert tool.api.post(tool.config_path, body, "application/json").status == 200
    assert tool.cluster.config(tool.name)["spec"] == json.loads(body)
