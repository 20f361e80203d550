"""The client that the field uses, from PyPI and unmodified: every command with every flag, against golden text.

`GOLDEN=write` writes the texts anew; look at what changed before you keep it."""

import json
import os
from pathlib import Path

import pytest

from stack.field_client import PROGRAM, FieldClient
from stack.processes import wait_until
from stack.secrets import deploy_tokens

GOLDEN = Path(__file__).parent / "golden"

pytestmark = pytest.mark.skipif(
    not PROGRAM.exists(), reason="there is no Python of 3.13 or later for the field's client (ci/lib/python.sh)"
)


def compare(name, transcript):
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(transcript)
    assert transcript.splitlines() == file.read_text().splitlines()


def data(result):
    assert result.returncode == 0, result
    return json.loads(result.stdout)


class Session:
    """One client and what it was told."""

    def __init__(self, client):
        self.client, self.text = client, ""

    def run(self, *arguments, stdin=None):
        self.text += self.client.transcript(*arguments, stdin=stdin) + "\n"

    def ended(self):
        """Waits until the newest deployment has ended; returns its id."""

        def look():
            shown = data(self.client.run("deployment", "show", "--json"))
            return shown["deploy_id"] if shown["status"] not in ("pending", "running", "cancelling") else None

        return wait_until(look, "the end of the deployment", 40)


@pytest.fixture(params=["files", "data"])
def session(request, tool, directory, long_run, stack_kind):
    """Each command in both ways; behind the other gateways in a short run in one, and both ways are used."""
    is_usual = (request.param == "data") == (request.node.originalname == "test_deployments")
    if not long_run and stack_kind != "plain" and not is_usual:
        pytest.skip("in ci/test --long only")
    return Session(FieldClient(tool, directory, request.param))


def config_of(session):
    """The files that the commands are given."""
    tool = session.client.tool
    web = {"build": {"repository": tool.repository, "ref": "main"}, "run": {"command": "web"}}
    texts = {
        "config.yaml": json.dumps({"config_version": "v1beta1", "components": {"web": web}}),
        "two.yaml": json.dumps({"components": {"web": web, "worker": {"build": {"reuse_from": "web"}}}}),
        "failing.yaml": json.dumps({"components": {"web": {"build": {"repository": tool.repository, "ref": "none"}}}}),
        "bad.yaml": "components: {Web: {build: {}}, worker: {build: {reuse_from: nothing}}}",
        "broken.yaml": "components: [",
        "source.yaml": "source_url: https://127.0.0.1:1/toolforge.yaml",
        "later.yaml": "source: {repository: https://example.org/r, ref: main, path: toolforge.yaml}",
    }
    for name, text in texts.items():
        (session.client.home / name).write_text(text)
    return {name: str(session.client.home / name) for name in texts}


def test_config(session):
    files = config_of(session)
    session.run("config", "show")
    session.run("config", "delete", "--yes-im-sure")
    session.run("config", "generate")
    session.run("config", "generate", "--json")
    session.run("config", "create", files["bad.yaml"])
    session.run("config", "create", files["broken.yaml"])
    session.run("config", "create", files["source.yaml"])
    session.run("config", "create", files["later.yaml"])
    session.run("config", "create", files["config.yaml"])
    session.run("config", "create", "--json", files["config.yaml"])
    session.run("config", "create", stdin="components: {web: {build: {repository: https://example.org/r}}}\n")
    session.run("config", "show")
    session.run("config", "show", "--json")
    session.run("config", "generate")
    session.run("config", "delete", stdin="n\n")
    session.run("config", "delete", stdin="y\n")
    session.run("config", "create", files["two.yaml"])
    session.run("config", "delete", "--yes-im-sure", "--json")
    compare("config.txt", session.text)


def test_deployments(session, cluster):
    files = config_of(session)
    session.run("deployment", "create")
    session.run("deployment", "list")
    session.run("deployment", "show")
    session.run("deployment", "cancel")
    session.run("config", "create", files["two.yaml"])
    with cluster.paused_builder():
        session.run("deployment", "create")
        session.run("deployment", "create")
        session.run("deployment", "list")
    first = session.ended()
    session.run("deployment", "show")
    session.run("deployment", "show", first)
    session.run("deployment", "show", "--json")
    session.run("deployment", "cancel", first)
    with cluster.paused_builder():
        session.run("deployment", "create", "--force-build", "--force-run", "--description", "the new front page")
        session.run("deployment", "cancel")
        # A repeat is answered truly.
        session.run("deployment", "cancel", "--json")
    second = session.ended()
    session.run("deployment", "show", second)
    with cluster.paused_builder():
        session.run("deployment", "create", "--json")
    session.ended()
    session.run("config", "create", files["failing.yaml"])
    with cluster.paused_builder():
        session.run("deployment", "create")
    session.ended()
    session.run("deployment", "show")
    session.run("deployment", "list")
    session.run("deployment", "delete", first, stdin="n\n")
    session.run("deployment", "delete", first, stdin="y\n")
    session.run("deployment", "delete", first, "--yes-im-sure")
    session.run("deployment", "show", first)
    session.run("deployment", "delete", second, "--yes-im-sure", "--json")
    session.run("deployment", "delete", "latest", "--yes-im-sure")
    session.run("deployment", "list", "--json")
    compare("deployment.txt", session.text)


def test_deploy_tokens(session):
    client = session.client
    for arguments in (
        ("show",),
        ("refresh", "--yes-im-sure"),
        ("create",),
        ("create",),
        ("create", "--json"),
        ("show",),
        ("show", "--json"),
        ("refresh", "--yes-im-sure"),
        ("refresh", "--yes-im-sure", "--json"),
        ("delete", "--yes-im-sure"),
        ("create", "--json"),
        ("delete", "--yes-im-sure", "--json"),
        ("delete", "--yes-im-sure"),
    ):
        shown = client.run("deploy-token", "show", "--json")
        if shown.returncode == 0:
            deploy_tokens.add(json.loads(shown.stdout)["token"])
        session.run("deploy-token", *arguments)
    session.run("deploy-token", "refresh", stdin="n\n")
    compare("deploy-token.txt", session.text)


REFUSED_TO_TOKENS = [
    ("list", ()),
    ("list", ("--json",)),
    ("cancel", ()),
    ("cancel", ("latest", "--json")),
    ("delete", ("latest", "--yes-im-sure")),
    ("delete", ("latest", "--yes-im-sure", "--json")),
]


@pytest.mark.parametrize("credentials", ["files", "data", "token"])
@pytest.mark.parametrize("flag", ["--verbose", "--debug"])
def test_the_flags_of_every_command_change_no_response(tool, directory, credentials, flag):
    tool.store()
    if credentials == "token":
        credentials = tool.api.post(f"{tool.field}/deployment/token").data["token"]
        deploy_tokens.add(credentials)
    client = FieldClient(tool, directory, credentials)
    plain, more = (client.run(*flags, "deployment", "show") for flags in ((), (flag,)))
    assert (plain.returncode, more.returncode) == (1, 1)
    assert f"No deployments found for tool: {tool.name}" in plain.stderr
    assert f"No deployments found for tool: {tool.name}" in more.stderr


def test_a_client_with_a_token(tool, directory, cluster):
    tool.store()
    token = tool.api.post(f"{tool.field}/deployment/token").data["token"]
    deploy_tokens.add(token)
    session = Session(FieldClient(tool, directory, token))
    with cluster.paused_builder():
        session.run("deployment", "create")
    session.ended()
    session.run("deployment", "show")
    session.run("deployment", "show", "--json")
    with cluster.paused_builder():
        session.run("deployment", "create", "--force-build", "--force-run", "--description", "from CI", "--json")
        # One at a time, for CI too.
        session.run("deployment", "create")
    identifier = session.ended()
    session.run("deployment", "show", identifier)
    session.run("deployment", "show", f"{tool.name}-deploy-20200101-000000-1")
    # What a token may not do.
    file = config_of(session)["config.yaml"]
    for arguments in (
        *(("deployment", command, *flags) for command, flags in REFUSED_TO_TOKENS),
        *(("config", "create", *flags, file) for flags in ((), ("--json",))),
        *(("config", command, *flags) for command in ("show", "generate") for flags in ((), ("--json",))),
        *(("config", "delete", "--yes-im-sure", *flags) for flags in ((), ("--json",))),
        *(("deploy-token", command, *flags) for command in ("show", "create") for flags in ((), ("--json",))),
        *(("deploy-token", command, "--yes-im-sure", *flags) for command in ("refresh", "delete") for flags in ((), ("--json",))),
    ):
        session.run(*arguments)
    assert tool.api.get(tool.config_path).data == tool.config()
    assert tool.api.get(f"{tool.field}/deployment/token").data["token"] == token
    tool.api.put(f"{tool.field}/deployment/token")
    session.run("deployment", "create")
    compare("token.txt", session.text)


def test_a_client_of_another_tool_and_one_that_nobody_knows(tool, make_tool, directory, authority):
    other = make_tool()
    client = FieldClient(other, directory)
    (client.home / ".kube/config").write_text(
        (client.home / ".kube/config").read_text().replace(f"tool-{other.name}", f"tool-{tool.name}")
    )
    session = Session(client)
    session.client.tool = tool
    session.run("config", "show")
    assert f"Error: The certificate is that of the tool {other.name}, which may not act for the tool TOOL" in session.text
    assert "exit 1" in session.text
