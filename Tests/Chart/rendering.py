"""The objects of one rendered values file."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


class StrictLoader(yaml.SafeLoader):
    """Refuses a duplicate key in a mapping, which YAML forbids and PyYAML accepts."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"twice in one mapping: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


class Rendering:
    def __init__(self, file):
        self.file = Path(file)
        documents = yaml.load_all(self.file.read_text(), Loader=StrictLoader)
        self.objects = [document for document in documents if document]

    def of_kind(self, *kinds):
        return [item for item in self.objects if item["kind"] in kinds]

    def one(self, kind):
        (item,) = self.of_kind(kind)
        return item

    @property
    def pod(self):
        return self.one("Deployment")["spec"]["template"]["spec"]

    def container(self, name):
        (container,) = (item for item in self.pod["containers"] if item["name"] == name)
        return container

    @property
    def environment(self):
        """The service's settings."""
        return {item["name"]: item["value"] for item in self.container("service")["env"]}

    @property
    def nginx(self):
        """The text that nginx reads."""
        return self.one("ConfigMap")["data"]["nginx.conf"]

    @property
    def ports(self):
        return {item["name"]: item["port"] for item in self.one("Service")["spec"]["ports"]}


def custom_resource_definitions():
    files = sorted((ROOT / "chart/crds").glob("*.yaml"))
    return [document for file in files for document in yaml.load_all(file.read_text(), Loader=StrictLoader)]
