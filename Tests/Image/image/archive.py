"""What ci/image wrote, read as the OCI image specification says."""

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path


class Image:
    """An OCI archive, unpacked into a folder. The digest of every blob that is read is checked."""

    def __init__(self, archive, directory):
        self.layout = Path(directory) / "layout"
        self.layout.mkdir()
        subprocess.run(["tar", "--extract", "--file", archive, "--directory", self.layout], check=True)
        assert json.loads((self.layout / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
        self.index = json.loads((self.layout / "index.json").read_text())
        [self.descriptor] = self.index["manifests"]
        self.manifest = json.loads(self.blob(self.descriptor).read_bytes())
        self.configuration = json.loads(self.blob(self.manifest["config"]).read_bytes())
        [self.layer] = self.manifest["layers"]

    def blob(self, descriptor):
        """The file of a descriptor."""
        algorithm, _, number = descriptor["digest"].partition(":")
        path = self.layout / "blobs" / algorithm / number
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == number
        assert len(content) == descriptor["size"]
        return path

    @property
    def labels(self):
        return self.configuration["config"]["Labels"]

    def members(self):
        """The files of the layer."""
        with tarfile.open(self.blob(self.layer)) as layer:
            return layer.getmembers()

    def unpack(self, directory):
        """The root file system, with the image's owners if the test's user may change owners."""
        directory.mkdir()
        subprocess.run(
            ["tar", "--extract", "--gzip", "--numeric-owner", "--preserve-permissions"]
            + ["--file", self.blob(self.layer), "--directory", directory],
            check=True,
        )
