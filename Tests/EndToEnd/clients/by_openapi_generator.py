"""What test_generated_clients.py has a Python client of openapi-generator do: main-job or send-back."""

import sys

from generated_client import ApiClient, Component, ComponentBuild, Config, ConfigApi, Configuration, DeploymentsApi
from generated_client.exceptions import NotFoundException

task, url, ca, certificate, key, tool, repository = sys.argv[1:]
configuration = Configuration(host=url, ssl_ca_cert=ca)
configuration.cert_file, configuration.key_file = certificate, key
client = ApiClient(configuration)
configs, deployments = ConfigApi(client), DeploymentsApi(client)

if task == "main-job":
    try:
        raise AssertionError(configs.get_config(tool))
    except NotFoundException as error:
        assert error.data.messages.error, error
    components = {
        "web": Component(build=ComponentBuild(repository=repository, ref="main")),
        "worker": Component(build=ComponentBuild(reuse_from="web")),
    }
    assert configs.store_config(tool, Config(components=components)).messages.info

configs.store_config(tool, Config.from_dict(configs.get_config(tool).data))

if task == "main-job":
    started = deployments.start_deployment(tool).data
    deployment = deployments.get_deployment(tool, started.deploy_id).data
    assert "web" in deployment.builds, deployment
    print(deployment.deploy_id)
