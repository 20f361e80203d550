"""The check at the end of the run that no log and no error contains a secret: it finds one in any place."""

import json

import pytest

from stack import api
from stack.secrets import Secrets, logs_of


@pytest.fixture
def samples(directory, cluster, authority):
    """A sample of each kind of secret."""
    certificate = authority.tool("telltale")
    return {
        "the token": cluster.token,
        "a private key": certificate.key.read_text(),
        "a certificate": certificate.certificate.read_text(),
        "a private key in JSON": json.dumps({"key": certificate.key.read_text()}),
        "one line of a key": certificate.key.read_text().splitlines()[2],
    }


def test_the_check_finds_each_secret_in_a_log(directory, samples, tmp_path):
    secrets = Secrets(directory)
    for what, text in samples.items():
        log = tmp_path / "some.log"
        log.write_text("before " * 700_000 + text + " behind" * 1_000)
        assert logs_of(tmp_path) == [log]
        assert secrets.found_in_file(log), what
        assert secrets.found_in(f'{{"message": "{text}"}}'), what
    assert not secrets.found_in("/CN=demo,O=toolforge " + "0123456789abcdef" * 4)


def test_the_check_finds_a_secret_in_an_error(samples, anonymous):
    for what, text in samples.items():
        kept = list(api.error_bodies)
        api.error_bodies.append(text.encode())
        try:
            assert api.told_secrets(Secrets(anonymous.ca.parent.parent)), what
        finally:
            api.error_bodies[:] = kept
