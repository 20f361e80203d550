"""What no log and no response may contain: the run's tokens, its private keys, and whole certificates."""

import re

import yaml

from .rights import TOKEN

# Base64 text; a line of a PEM file has 64 characters.
_ENCODED = re.compile(r"[A-Za-z0-9+/=]{48,}")
# Deploy tokens that tests were given.
deploy_tokens = set()
_LINES = re.compile(r"^[A-Za-z0-9+/=]{48,64}$", re.MULTILINE)


class Secrets:
    """All secrets of a folder: of every key and certificate file and of every kubeconfig."""

    def __init__(self, directory):
        self.tokens, self.encoded = {TOKEN, *deploy_tokens}, {}
        for path in directory.rglob("*"):
            if path.name == "token-keys":
                self.tokens |= {line.split()[1] for line in path.read_text().splitlines()}
            elif path.suffix in (".key", ".crt", ".pem") and path.is_file():
                # The first line of a key has only its kind.
                for line in _LINES.findall(path.read_text(errors="replace"))[1:]:
                    self.encoded[line] = path
            elif "kubeconfig" in path.name and path.is_file():
                for user in yaml.safe_load(path.read_text()).get("users") or []:
                    self.tokens |= {user["user"]["token"]} if "token" in user["user"] else set()
                    for key in ("client-key-data", "client-certificate-data"):
                        if key in user["user"]:
                            self.encoded[user["user"][key]] = path

    def __len__(self):
        return len(self.tokens) + len(self.encoded)

    def found_in(self, text):
        """The sources of the secrets that the text contains."""
        found = [f"a token ({token[:4]}…)" for token in self.tokens if token in text]
        # A log may escape what is before or after a line, so lines are searched within words.
        runs = "\n".join(_ENCODED.findall(text))
        return found + [f"{path.name}" for line, path in self.encoded.items() if runs and line in runs]

    def found_in_file(self, path):
        """The same for a file of any size."""
        found, before = set(), ""
        with open(path, errors="replace") as lines:
            while part := lines.read(1 << 22):
                found |= set(self.found_in(before + part))
                before = part[-8_192:]
        return sorted(found)


def logs_of(directory):
    """Everything that service, nginx and cluster wrote."""
    return sorted(path for path in directory.rglob("*.log") if path.is_file() and path.stat().st_size)
