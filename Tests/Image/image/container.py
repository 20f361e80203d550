"""Runs what is in the image as a container runtime would, as far as this machine permits: in its own read-only root, as its own
user."""

import itertools
import os
import socket
import subprocess
from functools import cache

from stack.processes import IS_ROOT, PATH, Process, wait_until

from .fastcgi import request

# What a runtime does: the root file system is read-only except for the volume at /run/components-api, and /proc is mounted
# (libdispatch ends a process without it). The mounts end with the process. Where only one user is mapped, the user is not
# changed.
ENTER = """
set -e
root=$1 user=$2; shift 2
mount --bind "$root" "$root"
mount --bind "$root/run/components-api" "$root/run/components-api"
mount --rbind /proc "$root/proc"
mount -o remount,bind,ro "$root"
if [ -z "$user" ]; then exec chroot "$root" "$@"; fi
exec chroot --userspec="$user" --groups= "$root" "$@"
"""


@cache
def namespaces(user):
    """The command that makes namespaces for a root of its own, or None where that is not possible."""
    uid, gid = user.split(":")
    own = ["--user", f"--map-user={uid}", f"--map-group={gid}", "--keep-caps"]
    command = ["unshare", "--mount", *([] if IS_ROOT else own), "sh", "-c"]
    attempt = subprocess.run([*command, "mount --rbind / /"], capture_output=True, env={"PATH": PATH})
    return command if attempt.returncode == 0 else None


class Container:
    """The program of the image, in a root file system."""

    def __init__(self, image, root):
        self.root = root
        self.user = image.configuration["config"]["User"]
        self.program = image.configuration["config"]["Entrypoint"]
        self.volume = root / "run/components-api"
        self._numbers = itertools.count(1)
        # What a runtime adds: mount points, and the names of the loopback.
        self.volume.mkdir(parents=True)
        (root / "proc").mkdir()
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
        self._own(self.volume)
        if not self.is_isolated:
            # The folder belongs to this user, and the container's user has to enter it.
            root.parent.chmod(0o711)

    def _own(self, path):
        if IS_ROOT:
            uid, gid = map(int, self.user.split(":"))
            os.chown(path, uid, gid)

    def add(self, text, name):
        """Puts a file, such as a secret, into the root for the container's user alone; returns its path inside."""
        path = self.root / "etc" / name
        path.write_text(text)
        path.chmod(0o400)
        self._own(path)
        return f"/etc/{name}" if self.is_isolated else str(path)

    @property
    def is_isolated(self):
        """Whether it has a root of its own, or runs the image's program and libraries in this machine's root."""
        return namespaces(self.user) is not None

    def command(self):
        if self.is_isolated:
            return [*namespaces(self.user), ENTER, "sh", self.root, self.user if IS_ROOT else "", *self.program]
        uid, gid = self.user.split(":")
        user = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"] if IS_ROOT else []
        [loader] = self.root.glob("usr/lib*/**/ld-linux*.so.*")
        [libraries] = {path.parent for path in self.root.glob("usr/lib/**/libc.so.6")}
        program = str(self.root) + self.program[0]
        return [*user, loader, "--inhibit-cache", "--library-path", libraries, program, *self.program[1:]]

    def run(self, *arguments, **settings):
        """Runs the program until it ends by itself."""
        return subprocess.run(
            [*self.command(), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": PATH, **settings},
        )

    def start(self, log, **settings):
        """Starts the service on a socket of its own."""
        path = self.volume / f"{next(self._numbers)}.sock"
        inside = f"/run/components-api/{path.name}" if self.is_isolated else path
        return Service(self.command(), log, path, {"LISTEN": f"unix:{inside}?mode=0660", **settings})


class Service(Process):
    """The running program."""

    def __init__(self, command, log, path, settings):
        self.path = path
        self.settings = settings
        super().__init__(command, log, settings)
        wait_until(lambda: self.check() or self.is_listening(), "the service's socket")

    def is_listening(self):
        with socket.socket(socket.AF_UNIX) as attempt:
            return attempt.connect_ex(str(self.path)) == 0

    def ask(self, method, uri, body=b"", **parameters):
        return request(self.path, method, uri, body, **parameters)
