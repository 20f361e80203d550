"""A tool with its own namespace and certificate, so that tests do not affect each other."""

import re

from .processes import wait_until


class Tool:
    def __init__(self, name, api, cluster, repository):
        self.name, self.api, self.cluster, self.repository = name, api, cluster, repository

    @property
    def base(self):
        return f"{self.api.prefix}/api/v1/tool/{self.name}"

    @property
    def config_path(self):
        return f"{self.base}/config"

    @property
    def deploy_path(self):
        return f"{self.base}/deploy"

    @property
    def field(self):
        """Where the field's clients find it."""
        return f"{self.api.prefix}/v1/tool/{self.name}"

    def component(self, **build):
        """A component that builds the demo repository."""
        return {"build": {"repository": self.repository, "ref": "main", **build}}

    def config(self, *components, **more):
        """A config with those components."""
        return {"components": {name: self.component() for name in components or ("web",)}, **more}

    def store(self, config=None):
        response = self.api.post(self.config_path, config or self.config())
        assert response.status == 200, response
        return response

    def deploy(self):
        """A new deployment's data."""
        response = self.api.post(self.deploy_path)
        assert response.status == 201, response
        assert response.headers["Location"] == f"{self.deploy_path}/{response.data['deploy-id']}", response
        return response.data

    def put_unreadable_record(self, **annotations):
        """Stores a record that the cluster accepts but this service cannot have written; returns its name."""
        name = f"{self.name}-deploy-20200101-000000-1"
        self.cluster.request(
            "POST",
            f"/apis/deploy.toolforge.org/v1/namespaces/tool-{self.name}/tooldeployments",
            {
                "apiVersion": "deploy.toolforge.org/v1",
                "kind": "ToolDeployment",
                "metadata": {
                    "name": name,
                    "annotations": {f"deploy.toolforge.org/{key}": value for key, value in annotations.items()},
                },
                "spec": {"tool": "somebody-else", "config": {}, "builds": {"web": {"id": "x", "repository": "y"}}},
            },
        )
        return name

    def look(self, identifier):
        return self.api.get(f"{self.deploy_path}/{identifier}")

    def deployment(self, identifier):
        response = self.look(identifier)
        assert response.status == 200, response
        return response.data

    def follow(self, identifier, seconds=40):
        """Reads the deployment until it has ended; returns it."""

        def ended():
            data = self.deployment(identifier)
            return data if data["status"] in ("finished", "error") else None

        return wait_until(ended, f"the end of {identifier}", seconds)

    def records(self):
        """The names of its stored deployments, the oldest first."""
        return [record["metadata"]["name"] for record in self.cluster.deployments(self.name)]

    def builds(self):
        """Its PipelineRuns by (deployment, component)."""
        return {
            (
                annotation(build, "deployment"),
                annotation(build, "component"),
            ): build
            for build in self.cluster.builds(self.name)
        }

    def builds_of(self, identifier):
        """A deployment's PipelineRuns by component."""
        return {component: build for (deployment, component), build in self.builds().items() if deployment == identifier}


def annotation(build, name):
    annotations = build["metadata"].get("annotations") or {}
    for key, value in annotations.items():
        if re.fullmatch(rf"deploy\.toolforge\.org/{name}", key):
            return value
    return None
