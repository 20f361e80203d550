"""Runs what is in the image as a container runtime would, as far as the user of the test may: in its own root, as its own
user, the root read-only."""

import itertools
import os
import subprocess

from stack.processes import IS_ROOT, PATH, Process, wait_until

from .fastcgi import request

# What a runtime does when it is root: the root file system is read-only except for the volume at /run/components-api,
# and /proc is there. The namespace of the mounts ends with the process.
READ_ONLY = """
set -e
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
mount --bind "$root/run/components-api" "$root/run/components-api"
mount --rbind /proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" --groups= "$root" "$@"
"""


def may_mount():
    return IS_ROOT and subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


class Container:
    """The program of the image, in a root file system."""

    def __init__(self, image, root):
        self.root = root
        self.user = image.configuration["config"]["User"]
        self.program = image.configuration["config"]["Entrypoint"]
        self.volume = root / "run/components-api"
        self._numbers = itertools.count(1)
        # What a runtime adds: places for what is mounted, and the names of the loopback.
        self.volume.mkdir(parents=True)
        (root / "proc").mkdir()
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        self._own(self.volume)

    def _own(self, path):
        if IS_ROOT:
            uid, gid = map(int, self.user.split(":"))
            os.chown(path, uid, gid)

    def add(self, text, name):
        """Puts a file, such as a secret, into the root, for the container's user alone; gives its path inside."""
        path = self.root / "etc" / name
        path.write_text(text)
        path.chmod(0o400)
        self._own(path)
        return f"/etc/{name}"

    def command(self):
        if not IS_ROOT:
            uid, gid = self.user.split(":")
            user = [f"--map-user={uid}", f"--map-group={gid}"]
            return ["unshare", "--user", *user, f"--root={self.root}", "--wd=/", *self.program]
        if may_mount():
            return ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", self.root, self.user, *self.program]
        return ["chroot", f"--userspec={self.user}", "--groups=", self.root, *self.program]

    def run(self, **settings):
        """Runs the program until it ends by itself."""
        return subprocess.run(
            self.command(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": PATH, **settings},
        )

    def start(self, log, **settings):
        """Starts the service on a socket of its own."""
        return Service(self.command(), log, self.volume / f"{next(self._numbers)}.sock", settings)


class Service(Process):
    """The program at work."""

    def __init__(self, command, log, path, settings):
        self.socket = path
        listen = f"unix:/run/components-api/{path.name}?mode=0660"
        super().__init__(command, log, {"LISTEN": listen, **settings})
        wait_until(lambda: self.check() or path.exists(), "the service's socket")

    def ask(self, method, uri, body=b"", **parameters):
        return request(self.socket, method, uri, body, **parameters)
