"""The repository that builds clone, served by the same nginx as in ci/up."""

import os
import shutil
import subprocess
from pathlib import Path

from .processes import IS_ROOT, PATH, ROOT, WORKER, Process, wait_until


def git(*arguments, **options):
    """Runs git with a configuration of its own; what it prints."""
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    environment = {"PATH": PATH, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment, **options).stdout.strip()


class GitServer:
    """git http-backend behind fcgiwrap, and the nginx location in front of it."""

    def __init__(self, directory):
        self.root = Path(directory) / "git"
        self.socket = Path(directory) / "git.sock"
        self.locations = Path(directory) / "locations"
        self.commit = self._make_repository(Path(directory) / "work")
        owner = ["-u", WORKER.pw_name, "-U", WORKER.pw_name] if IS_ROOT else []
        self.process = Process(
            ["spawn-fcgi", "-n", "-s", self.socket, "-M", "0660", *owner]
            + ["--", "/usr/sbin/fcgiwrap", "-p", "/usr/lib/git-core/git-http-backend"],
            Path(directory) / "fcgiwrap.log",
        )
        wait_until(lambda: self.process.check() or self.socket.exists(), "fcgiwrap's socket")
        self.locations.mkdir()
        (self.locations / "git.conf").write_text(
            subprocess.run(
                [ROOT / "nginx/render", ROOT / "nginx/git.conf.in"]
                + [f"GIT_CGI=unix:{self.socket}", f"GIT_ROOT={self.root}"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )

    def add_repository(self, name, *refs):
        """A further repository with a commit of its own for each ref, HEAD is main; the commits by ref."""
        path = self.root / f"{name}.git"
        git("init", "-q", "--bare", "--initial-branch=main", path)
        commits = {}
        for ref in refs:
            tree = git("-C", path, "mktree", input="")
            commits[ref] = git("-C", path, "commit-tree", "-m", ref, tree)
            git("-C", path, "update-ref", ref, commits[ref])
        self._hand_over(path)
        return commits

    def _hand_over(self, folder):
        """To the user that serves it."""
        if IS_ROOT:
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, WORKER.pw_uid, WORKER.pw_gid)

    def _make_repository(self, work):
        git("init", "-q", "--initial-branch=main", work)
        (work / "Procfile").write_text("web: true\n")
        git("-C", work, "add", ".")
        git("-C", work, "commit", "-q", "-m", "Something to build")
        git("-C", work, "tag", "v1")
        git("clone", "-q", "--bare", work, self.root / "demo.git")
        commit = git("-C", work, "rev-parse", "HEAD")
        shutil.rmtree(work)
        self._hand_over(self.root)
        return commit

    def stop(self):
        self.process.stop()
