"""The command-line client that the field uses, unmodified, as a tool's maintainer has it."""

import base64
import os
import re
import subprocess

import yaml

from .processes import ROOT

PROGRAM = ROOT / ".dev/field-client/bin/toolforge-components"


class FieldClient:
    """The client with a home of its own.

    `credentials`: files (of a certificate), data (a certificate in the kubeconfig), or a deploy token."""

    def __init__(self, tool, directory, credentials="files"):
        self.tool, self.home = tool, directory / f"home-{tool.name}-{credentials[:5]}"
        self.home.mkdir()
        certificate = tool.api.certificate
        if credentials == "files":
            user = {"client-certificate": str(certificate.certificate), "client-key": str(certificate.key)}
        elif credentials == "data":
            user = {
                "client-certificate-data": base64.b64encode(certificate.certificate.read_bytes()).decode(),
                "client-key-data": base64.b64encode(certificate.key.read_bytes()).decode(),
            }
        else:
            user = {"token": credentials}
        context = {"cluster": "toolforge", "user": "tool", "namespace": f"tool-{tool.name}"}
        self._write(
            ".kube/config",
            {
                "current-context": "toolforge",
                "contexts": [{"name": "toolforge", "context": context}],
                "clusters": [{"name": "toolforge", "cluster": {"server": "https://127.0.0.1:1"}}],
                "users": [{"name": "tool", "user": user}],
            },
        )
        self._write(
            ".config/toolforge.yaml",
            {
                "api_gateway": {"url": f"https://127.0.0.1:{tool.api.port}"},
                "components": {"components_endpoint": f"{tool.api.prefix}/v1"},
            },
        )

    def _write(self, name, document):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(document))

    def run(self, *arguments, stdin=None):
        """The finished process. Standard input is no terminal: without `stdin` it is empty."""
        environment = {name: value for name, value in os.environ.items() if name != "CURL_CA_BUNDLE"}
        environment |= {
            "HOME": str(self.home),
            "KUBECONFIG": str(self.home / ".kube/config"),
            "XDG_CONFIG_HOME": str(self.home / ".config"),
            "REQUESTS_CA_BUNDLE": str(self.tool.api.ca),
        }
        return subprocess.run(
            [PROGRAM, *arguments], input=stdin or "", capture_output=True, text=True, env=environment, timeout=60
        )

    def transcript(self, *arguments, stdin=None):
        """Command, output and exit status, without what differs between two runs."""
        result = self.run(*arguments, stdin=stdin)
        lines = [f"$ {' '.join(arguments)}", result.stdout.rstrip(), result.stderr.rstrip(), f"exit {result.returncode}"]
        return self.settled("\n".join(line for line in lines if line)) + "\n"

    def settled(self, text):
        """Without ids, times, ports, tokens, and widths that follow from them."""
        name = re.escape(self.tool.name)
        for pattern, word in (
            (rf"{name}-deploy-\d{{8}}-\d{{6}}-\d+", "DEPLOYMENT"),
            (rf"{name}-buildpacks-pipelinerun-[0-9a-f]+", "BUILD"),
            (r"\b\d{8}-\d{6}\b", "CREATED"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00", "TIME"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", "TIME"),
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "TOKEN"),
            (rf"https://127\.0\.0\.1:\d+{re.escape(self.tool.api.prefix)}", "https://HOST"),
            (r"https://127\.0\.0\.1:\d+", "https://HOST"),
            (rf"@sha256:[0-9a-f]{{64}}", "@DIGEST"),
            (rf"{re.escape(self.tool.api.prefix)}/v1/", "/v1/"),
            (re.escape(str(self.home)), "HOME"),
            (rf"(?<![a-z0-9]){name}(?![a-z0-9])", "TOOL"),
            (r"--+", "--"),
            # The columns of a table.
            (r"^ {20,}", "    "),
            (r"(?<=\S)  +", "  "),
            (r" +$", ""),
        ):
            text = re.sub(pattern, word, text, flags=re.MULTILINE)
        return text
