"""The two reads with FastAPI and the `kubernetes` package, written as their documentation shows: for comparison with the service.
Run by uvicorn behind the same nginx, which sends the identity in headers that it sets itself."""

import re
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

configuration = client.Configuration()
config.load_kube_config(client_configuration=configuration)
# More than FastAPI's threads for blocking functions, so that none of them waits for a connection.
configuration.connection_pool_maxsize = 64
objects = client.CustomObjectsApi(client.ApiClient(configuration))

SUBJECT = re.compile(r"CN=([a-z](?:[-a-z0-9]*[a-z0-9])?),O=toolforge")

app = FastAPI()


def envelope(data):
    return {"data": data, "messages": {"info": [], "warning": [], "error": []}}


@app.exception_handler(HTTPException)
async def refused(_, error):
    messages = {"info": [], "warning": [], "error": [error.detail]}
    return JSONResponse({"messages": messages}, status_code=error.status_code)


@app.get("/healthz")
async def healthz():
    return envelope({"status": "ok"})


@app.get("/api/v1/tool/{tool}/config")
def get_config(
    tool: str,
    ssl_client_verify: Annotated[str, Header()] = "NONE",
    ssl_client_subject_dn: Annotated[str, Header()] = "",
):
    identity = SUBJECT.fullmatch(ssl_client_subject_dn)
    if ssl_client_verify != "SUCCESS" or not identity:
        raise HTTPException(401, "A client certificate of a tool is needed.")
    if identity[1] != tool:
        raise HTTPException(403, f"The certificate is that of the tool {identity[1]}, not of {tool}.")
    try:
        found = objects.get_namespaced_custom_object(
            "deploy.toolforge.org", "v1", f"tool-{tool}", "toolconfigs", f"{tool}-config"
        )
    except ApiException as error:
        if error.status == 404:
            raise HTTPException(404, f"The tool {tool} has no config.") from error
        raise HTTPException(502, "The cluster refused.") from error
    return envelope(found["spec"])
