"""What test_generated_clients.py has a client of openapi-python-client do: main-job or send-back."""

import ssl
import sys

from generated_client import Client
from generated_client.api.config import get_config, store_config
from generated_client.api.deployments import get_deployment, start_deployment
from generated_client.models import Component, ComponentBuild, Config, ConfigComponents, ErrorEnvelope

task, url, ca, certificate, key, tool, repository = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(certificate, key)
client = Client(base_url=url, verify_ssl=context)

if task == "main-job":
    missing = get_config.sync(tool, client=client)
    assert isinstance(missing, ErrorEnvelope) and missing.messages.error, missing
    components = ConfigComponents()
    components["web"] = Component(build=ComponentBuild(repository=repository, ref="main"))
    components["worker"] = Component(build=ComponentBuild(reuse_from="web"))
    stored = store_config.sync(tool, client=client, body=Config(components=components))
    assert stored.messages.info, stored

config = Config.from_dict(get_config.sync(tool, client=client).data.to_dict())
stored = store_config.sync(tool, client=client, body=config)
assert not isinstance(stored, ErrorEnvelope), stored

if task == "main-job":
    started = start_deployment.sync(tool, client=client).data
    deployment = get_deployment.sync(tool, started.deploy_id, client=client).data
    assert "web" in deployment.builds, deployment
    print(deployment.deploy_id)
