"""One stack for the whole run; a tool of its own for each test."""

import base64
import contextlib
import itertools
import os
import re
import shutil

import pytest

from model.subject import Subject
from stack.api import API, error_bodies, told_secrets
from stack.api_gateway import ApiGateway, InternalAuthority, Sidecar
from stack.certificates import Authority
from stack.cluster import Cluster
from stack.following import FollowedWorld
from stack.gateway import Gateway
from stack.git import GitServer
from stack.parent import Parent
from stack.processes import PATIENCE, SANITIZED, free_port, open_to_workers, runtime_directory
from stack.replica import Replica
from stack.rights import restricted_kubeconfig
from stack.score import figure, figures, seeded
from stack.secrets import Secrets, logs_of
from stack.service import Service
from stack.tool import Tool
from stack.world import World

CLUSTER_DEADLINE_SECONDS = 2 * PATIENCE
_numbers = itertools.count(1)
# Tests that are left out under a sanitizer.
unsanitized = []


def pytest_addoption(parser):
    parser.addoption(
        "--stack",
        choices=["plain", "sidecar", "direct"],
        default="plain",
        help="what stands before the service: one nginx that its clients talk to (plain); the api-gateway and the nginx "
        "in the pod (sidecar); the api-gateway alone, by FastCGI (direct)",
    )
    parser.addoption("--rows", help="only the tests that measure these rows of the score card: 1,2,A28,…")


def pytest_collection_modifyitems(config, items):
    """Skips tests that make a stack of their own behind another stack: they would not test it."""
    if config.getoption("--stack") != "plain":
        for item in items:
            if {"another_gateway", "lone_service", "lone_services", "replicas"} & set(item.fixturenames):
                item.add_marker(pytest.mark.skip(reason="makes a plain stack of its own"))
    if rows := config.getoption("--rows"):
        wanted = set(rows.split(","))
        choose(config, items, lambda item: any(str(mark.args[0]) in wanted for mark in item.iter_markers("score")))
    if SANITIZED:
        unsanitized.extend(
            item for item in items if any(mark.args[0] == SANITIZED for mark in item.iter_markers("unsanitized"))
        )
        choose(config, items, lambda item: item not in unsanitized)


def choose(config, items, wanted):
    chosen = {item for item in items if wanted(item)}
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def pytest_terminal_summary(terminalreporter):
    """Prints what was left out under a sanitizer, and why, and the figures of the score card."""
    for item in unsanitized:
        reason = item.get_closest_marker("unsanitized").args[1]
        terminalreporter.write_line(f"left out under the {SANITIZED} sanitizer: {item.nodeid}: {reason}")
    if figures:
        terminalreporter.section("score card")
        for row, text in figures:
            terminalreporter.write_line(f"row {row}: {text}")


@pytest.fixture(scope="session")
def stack_kind(pytestconfig):
    return pytestconfig.getoption("--stack")


@pytest.fixture(scope="session")
def long_run():
    """Whether this is ci/test --long."""
    return bool(os.environ.get("LONG"))


@pytest.fixture(scope="session")
def directory():
    """Sockets, certificates and logs of the run; kept if a test failed."""
    path = runtime_directory()
    yield path
    try:
        assert_no_secret_was_told(path)
    finally:
        if path.exists() and not (path / "keep").exists():
            shutil.rmtree(path)


def assert_no_secret_was_told(directory):
    """No secret is in a log or in an error of the whole run."""
    secrets, logs = Secrets(directory), logs_of(directory)
    assert not (found := {log.name: found for log in logs if (found := secrets.found_in_file(log))}), found
    assert not (found := told_secrets(secrets)), found
    if logs and len(secrets) > 1:
        megabytes = sum(log.stat().st_size for log in logs) / 1e6
        where = f"{len(logs)} logs of {megabytes:.1f} MB and {len(error_bodies):,} error bodies"
        figure(26, f"0 of {len(secrets):,} secrets (tokens, lines of keys and certificates) in {where}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed and "directory" in item.funcargs:
        path = item.funcargs["directory"]
        (path / "keep").touch()
        report.sections.append(("logs", f"kept in {path}"))
    return report


@pytest.fixture(scope="session")
def authority(directory):
    """The CA of the server and of the tools."""
    return Authority(directory / "certificates")


@pytest.fixture(scope="session")
def internal(directory):
    """The CA of the backends of the api-gateway."""
    return InternalAuthority(directory / "internal-certificates")


@pytest.fixture(scope="session")
def server_certificate(authority):
    return authority.server()


@pytest.fixture(scope="session")
def cluster(directory, authority):
    cluster = Cluster(directory, git_ca=authority.file)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def git(directory):
    server = GitServer(directory)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def session_service(directory, cluster, stack_kind):
    port = free_port() if stack_kind == "direct" else None
    deadline = str(CLUSTER_DEADLINE_SECONDS)
    # With the rights that the chart gives it: a call without a right fails the test that makes it.
    kubeconfig = restricted_kubeconfig(cluster, directory)
    keys = {"TOKEN_KEYS_FILE": str(token_keys(directory))}
    service = Service(directory, kubeconfig, port, CLUSTER_DEADLINE_SECONDS=deadline, **keys)
    yield service
    service.stop()


def token_keys(directory):
    """A file with one key of deploy tokens."""
    file = directory / "token-keys"
    file.write_text(f"first {base64.b64encode(os.urandom(32)).decode()}\n")
    return file


@pytest.fixture
def service(session_service):
    """The service. A test may stop it; it is started again afterwards."""
    yield session_service
    if not session_service.process.is_running:
        session_service.start()


@pytest.fixture(scope="session")
def gateway(directory, session_service, server_certificate, authority, internal, git, stack_kind):
    """The nginx to which clients connect."""
    with contextlib.ExitStack() as stack:
        if stack_kind == "plain":
            gateway = Gateway(
                directory / "gateway",
                session_service.socket,
                server_certificate,
                authority.file,
                port=free_port(),
                locations=git.locations,
            )
        else:
            way, upstream = "fastcgi", session_service.socket
            if stack_kind == "sidecar":
                sidecar = Sidecar(directory / "sidecar", session_service.socket, internal)
                stack.callback(sidecar.stop)
                way, upstream = "proxy", f"127.0.0.1:{sidecar.port}"
            gateway = ApiGateway(
                directory / "gateway", way, upstream, authority, server_certificate, internal, git=git.locations
            )
        stack.callback(gateway.stop)
        yield gateway


@pytest.fixture
def another_gateway(directory, server_certificate, authority):
    """Starts further gateways: another_gateway(service_socket, **values) returns the API behind one."""
    started = []

    def make(socket, **values):
        gateway = Gateway(
            directory / f"gateway-{next(_numbers)}", socket, server_certificate, authority.file, **values
        )
        started.append(gateway)
        api = API(gateway.port, authority.file)
        api.gateway = gateway
        return api

    yield make
    for gateway in started:
        gateway.stop()


def make_lone_services(directory, cluster):
    """Starts services that no other test uses: lone_service(**settings)."""
    started = []

    def make(**settings):
        home = directory / f"lone-{next(_numbers)}"
        home.mkdir()
        open_to_workers(home)
        started.append(Service(home, cluster.kubeconfig, **{"LOG_LEVEL": "warning", **settings}))
        return started[-1]

    yield make
    for service in started:
        service.stop()


lone_service = pytest.fixture(make_lone_services)
# The same, for services that the tests of a module share.
lone_services = pytest.fixture(make_lone_services, scope="module")


@pytest.fixture
def make_world(directory, another_gateway, authority):
    """Makes clusters, each with a service that drives what is deployed there: make_world(**settings)."""
    made = []

    def make(**settings):
        home = directory / f"following-{next(_numbers)}"
        home.mkdir()
        open_to_workers(home)
        made.append(FollowedWorld(home, another_gateway, authority, **settings))
        return made[-1]

    yield make
    for world in made:
        world.stop()


@pytest.fixture
def make_parent(directory, another_gateway):
    """Makes sockets on which one process after another can be started: make_parent(cluster, **settings) returns one, and the
    API behind an nginx in front of it."""
    made = []

    def make(cluster, **settings):
        made.append(Parent(directory / f"parent-{next(_numbers)}", cluster.kubeconfig, **settings))
        return made[-1], another_gateway(made[-1].path)

    yield make
    for parent in made:
        parent.close()


@pytest.fixture
def subjects(cluster):
    """Makes tools whose whole journal the model checker sees: subjects(components, retained=10)."""
    cluster.request("DELETE", "/_fake/journal")
    with cluster.paused_builder():

        def make(components, retained=10, stored=True):
            subject = Subject(cluster, f"subject{next(_numbers)}", components, retained)
            if stored:
                subject.store_config()
            return subject

        yield make


@pytest.fixture
def replicas(cluster, directory):
    """Starts further processes of the service: replicas(kubeconfig=…, **settings)."""
    restricted = restricted_kubeconfig(cluster, directory)
    started = []

    def start(kubeconfig=restricted, **settings):
        settings = {"CLUSTER_DEADLINE_SECONDS": CLUSTER_DEADLINE_SECONDS, **settings}
        started.append(Replica(directory, kubeconfig, **settings))
        return started[-1]

    yield start
    for replica in started:
        replica.stop()


@pytest.fixture
def world(directory):
    """A cluster of the test's own, whose builds end when the test says so, and replicas whose engine runs."""
    home = directory / f"world-{next(_numbers)}"
    home.mkdir()
    open_to_workers(home)
    world = World(home)
    yield world
    world.stop()


@pytest.fixture
def seed(request):
    """The seed of all random choices; `TEST_SEED` repeats a failure."""
    return seeded(request.node.name)[0]


@pytest.fixture(scope="session")
def repository(gateway):
    return f"https://127.0.0.1:{gateway.port}/git/demo.git"


@pytest.fixture(scope="session")
def anonymous(gateway, authority):
    """The API without a client certificate."""
    return API(gateway.port, authority.file, prefix=gateway.api_prefix)


@pytest.fixture(scope="session")
def make_tool(cluster, gateway, authority, repository):
    """Makes tools: make_tool() has a namespace, make_tool(namespace=False) has none."""

    def make(name=None, namespace=True):
        name = name or f"tool{next(_numbers)}"
        if namespace:
            cluster.create_namespace(f"tool-{name}")
        api = API(gateway.port, authority.file, authority.tool(name), gateway.api_prefix)
        return Tool(name, api, cluster, repository)

    return make


@pytest.fixture
def tool(make_tool, request):
    """A tool with a namespace, a certificate, and nothing stored."""
    words = re.sub(r"[^a-z]+", "-", request.node.originalname.removeprefix("test_").lower())[:20].strip("-")
    return make_tool(f"{words}-{next(_numbers)}")
