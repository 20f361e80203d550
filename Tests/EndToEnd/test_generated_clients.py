"""Clients that generators make from /openapi.json do the main job. Only ci/test --long runs this, because it takes two
generators with their packages, and Java."""

import copy
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from stack.processes import ROOT
from test_config_storing import same

pytestmark = [
    pytest.mark.skipif(not os.environ.get("LONG"), reason="clients are generated with --long only"),
    pytest.mark.timeout(600),
]

SOURCES = Path(__file__).with_name("clients")
PROGRAMS = ROOT / ".dev/clients/bin"
JAKARTA_ANNOTATIONS = Path("/usr/share/java/jakarta-annotation-api.jar")
PASSWORD = b"changeit"


def run(*command, **more):
    """What a command prints; it must succeed."""
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=580, **more)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-6000:]
    return result.stdout


def generator_jar():
    """The generator of the PyPI package openapi-generator-cli. It has Jackson inside, which Java clients use."""
    (jar,) = PROGRAMS.parent.glob("lib/python*/site-packages/openapi_generator_cli/openapi-generator.jar")
    return jar


def generate(language, document, folder, *options):
    run("java", "-jar", generator_jar(), "generate", "-i", document, "-g", language, "-o", folder, *options)


class PythonClient:
    """A program of clients/ that uses the package generated_client of a folder."""

    def __init__(self, folder, program):
        self.environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        self.program = SOURCES / program

    def do(self, task, tool):
        certificate = tool.api.certificate
        files = tool.api.ca, certificate.certificate, certificate.key
        arguments = task, tool.api.url, *files, tool.name, tool.repository
        return run(PROGRAMS / "python", self.program, *arguments, env=self.environment)


def openapi_python_client(document, folder):
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    package = folder / "generated_client"
    options = "--path", document, "--meta", "none", "--output-path", package
    run(PROGRAMS / "openapi-python-client", "generate", *options, env=environment)
    return PythonClient(folder, "by_openapi_python_client.py")


def openapi_generator_python(document, folder):
    generate("python", document, folder, "--package-name", "generated_client")
    return PythonClient(folder, "by_openapi_generator.py")


class JavaClient:
    """ByOpenAPIGenerator.java, compiled with all that was generated; it imports these packages."""

    def __init__(self, document, folder):
        options = {
            "library": "native",
            "openApiNullable": "false",
            "useJakartaEe": "true",
            "invokerPackage": "client",
            "apiPackage": "client.api",
            "modelPackage": "client.model",
        }
        pairs = ",".join(f"{name}={value}" for name, value in options.items())
        generate("java", document, folder, f"--additional-properties={pairs}")
        self.folder = folder
        self.classes = f"{folder / 'classes'}:{generator_jar()}:{JAKARTA_ANNOTATIONS}"
        sources = [*(folder / "src/main/java").rglob("*.java"), SOURCES / "ByOpenAPIGenerator.java"]
        run("javac", "-nowarn", "-d", folder / "classes", "-cp", self.classes, *sources)

    def do(self, task, tool):
        authority, identity = self.folder / "authority.p12", self.folder / f"{tool.name}.p12"
        (ca,) = x509.load_pem_x509_certificates(tool.api.ca.read_bytes())
        # Java trusts only entries with an attribute of its own, which this sets.
        authority.write_bytes(
            pkcs12.serialize_java_truststore(
                [pkcs12.PKCS12Certificate(ca, b"ca")], serialization.BestAvailableEncryption(PASSWORD)
            )
        )
        certificate, *others = x509.load_pem_x509_certificates(tool.api.certificate.certificate.read_bytes())
        key = serialization.load_pem_private_key(tool.api.certificate.key.read_bytes(), None)
        encryption = serialization.BestAvailableEncryption(PASSWORD)
        identity.write_bytes(pkcs12.serialize_key_and_certificates(b"tool", key, certificate, others, encryption))
        arguments = task, tool.api.url, authority, identity, tool.name, tool.repository
        return run("java", "-cp", self.classes, "ByOpenAPIGenerator", *arguments)


GENERATED = [openapi_python_client, openapi_generator_python, JavaClient]


@pytest.fixture(scope="module", params=GENERATED, ids=lambda make: make.__name__)
def client(request, anonymous, directory):
    folder = directory / f"client-{request.param.__name__}"
    folder.mkdir()
    document = folder / "openapi.json"
    document.write_bytes(anonymous.get("/openapi.json").body)
    yield request.param(document, folder)
    shutil.rmtree(folder)


def test_it_does_the_main_job(client, tool):
    identifier = client.do("main-job", tool).strip()
    assert tool.records() == [identifier]
    deployment = tool.follow(identifier)
    assert deployment["status"] == "finished", deployment
    config = {"components": {"web": tool.component(), "worker": {"build": {"reuse_from": "web"}}}}
    assert same(meaning(tool.cluster.config(tool.name)["spec"]), config)


EVERYTHING = {
    "components": {
        "web": {
            "build": {"repository": "https://example.org/web.git", "ref": "v1.0/a", "use_latest_versions": True},
            "component_type": "continuous",
            "run": {"command": "serve", "port": 8000, "share": 0.5, "health": [None, {"path": "/"}, 2**53 + 1], "x-y_z": {}},
        },
        "0": {"build": {"reuse_from": "web"}, "run": None},
        "a-b": {"build": {"repository": "https://example.org/web.git"}, "x_y": 1, "x-y": 2},
    },
    "source_uri": "https://example.org/config.yaml",
    "key": {"of the author's": ["own", True]},
}


@pytest.mark.parametrize("version", [{"config-version": "v0.1"}, {"config_version": "v1beta1"}, {}], ids=str)
def test_what_it_reads_and_sends_back_keeps_its_meaning(client, tool, version):
    config = {**EVERYTHING, **version}
    tool.store(config)
    client.do("send-back", tool)
    assert same(meaning(tool.cluster.config(tool.name)["spec"]), meaning(config))


def meaning(config):
    """The config without each null that stands for an absent key."""
    config = copy.deepcopy(config)
    for place in [config, *config["components"].values(), *(each["build"] for each in config["components"].values())]:
        for key in [key for key, value in place.items() if value is None]:
            del place[key]
    return config
