"""The image that ci/image made, unpacked once, and a fake cluster beside it."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from image.archive import Image
from image.container import Container

from stack.cluster import Cluster


@pytest.fixture(scope="session")
def directory():
    """A temporary folder with a short path, as the paths of sockets must be short."""
    path = Path(tempfile.mkdtemp(prefix="components-api-image."))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def image(directory):
    return Image(os.environ["IMAGE"], directory)


@pytest.fixture(scope="session")
def container(image, directory):
    root = directory / "root"
    image.unpack(root)
    return Container(image, root)


@pytest.fixture(scope="session")
def cluster(directory):
    cluster = Cluster(directory)
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def kubeconfig(container, cluster):
    """The path, inside, of a kubeconfig with a host name that has to be looked up."""
    return container.add(cluster.kubeconfig.read_text().replace("127.0.0.1", "localhost"), "kubeconfig")


@pytest.fixture(scope="module")
def service(container, kubeconfig, directory):
    """The service, running in the container."""
    service = container.start(directory / "service.log", KUBECONFIG=kubeconfig)
    yield service
    service.stop()
