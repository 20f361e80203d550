"""A real browser without a window, by its DevTools protocol over a pipe."""

import base64
import hashlib
import itertools
import json
import os
import queue
import subprocess
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .processes import IS_ROOT, PATH, wait_until

CHROMIUM = "/usr/bin/chromium"


class Browser:
    """One chromium with a profile of its own, which trusts one server's key and can only reach this machine."""

    def __init__(self, directory, server_certificate):
        directory = Path(directory)
        directory.mkdir()
        to_browser, self._output = os.pipe()
        self._input, from_browser = os.pipe()
        options = [
            "--headless=new",
            "--remote-debugging-pipe",
            f"--user-data-dir={directory / 'profile'}",
            f"--ignore-certificate-errors-spki-list={key_hash(server_certificate)}",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-sync",
            "--no-first-run",
            *(["--no-sandbox"] if IS_ROOT else []),
        ]
        # The protocol uses descriptors 3 and 4.
        command = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        with open(directory / "browser.log", "wb") as log:
            self._child = subprocess.Popen(
                ["/bin/bash", "-c", command, "browser", CHROMIUM, *options, "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(to_browser, from_browser),
                env={"PATH": PATH, "HOME": str(directory)},
                start_new_session=True,
            )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers = itertools.count(1)
        self._responses, self.events = {}, []
        self._arrived = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility"):
            self.call(f"{domain}.enable")

    _session = None

    def _read(self):
        with os.fdopen(self._input, "rb") as stream:
            pending = b""
            while data := stream.read1(65536):
                *messages, pending = (pending + data).split(b"\0")
                for message in messages:
                    self._arrived.put(json.loads(message))
        self._arrived.put(None)

    def call(self, method, **parameters):
        """One call. Events that arrive meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._output, json.dumps(message).encode() + b"\0")
        while True:
            arrived = self._arrived.get(timeout=60)
            assert arrived is not None, "the browser has gone"
            if arrived.get("id") == number:
                assert "error" not in arrived, (method, arrived["error"])
                return arrived["result"]
            self.events.append(arrived)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page, a promise's result included."""
        result = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def open(self, url):
        """Loads a page, and forgets the events of the page before."""
        self.events.clear()
        result = self.call("Page.navigate", url=url)
        assert "errorText" not in result, result
        wait_until(lambda: self.evaluate("document.readyState") == "complete", "the page", seconds=60)

    def wait(self, expression, what):
        return wait_until(lambda: self.evaluate(expression), what, seconds=60)

    def seen(self, *methods):
        """The events of those names."""
        self.call("Browser.getVersion")
        return [event["params"] for event in self.events if event.get("method") in methods]

    def view(self, width, height, dark=False):
        """The size of the window, and the colours that the reader prefers."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def screenshot(self, file, whole=True):
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        Path(file).write_bytes(base64.b64decode(picture["data"]))

    def stop(self):
        try:
            self._session = None
            self.call("Browser.close")
            self._child.wait(timeout=20)
        except (AssertionError, OSError, queue.Empty, subprocess.TimeoutExpired):
            self._child.kill()
            self._child.wait()
        finally:
            os.close(self._output)


def key_hash(certificate):
    """The hash of a certificate's public key, as chromium writes it."""
    key = x509.load_pem_x509_certificate(Path(certificate.certificate).read_bytes()).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()
