"""What is in the image, and what is not."""

import datetime
import gzip
import hashlib
import json
import re
import stat

import yaml

from stack.processes import ROOT

PROGRAM = "usr/bin/components-api"


def test_the_layer_is_what_the_configuration_says_it_is(image):
    content = gzip.decompress(image.blob(image.layer).read_bytes())
    assert image.configuration["rootfs"]["diff_ids"] == ["sha256:" + hashlib.sha256(content).hexdigest()]


def test_the_compressed_layer_has_at_most_40_megabytes(image):
    assert image.layer["size"] <= 40_000_000


def test_the_labels_have_version_revision_and_source(image):
    source = (ROOT / "Sources/ComponentsServer/ServiceVersion.swift").read_text()
    version = re.search(r'current = "(.+)"', source)[1]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in image.labels.items()}
    assert labels["version"] == version
    assert image.descriptor["annotations"]["org.opencontainers.image.ref.name"] == version
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["revision"])
    assert labels["source"].startswith("https://")
    assert labels["created"] == image.configuration["created"]


def test_the_labels_have_the_versions_of_the_compiler_and_of_each_swift_package(image):
    labels = {name.removeprefix("org.wikimedia.toolforge."): value for name, value in image.labels.items()}
    assert re.fullmatch(r"6\.[0-9.]+", labels["swift"])
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    assert labels["swift-packages"].split(", ") == sorted(f"{pin['identity']} {pin['state']['version']}" for pin in pins)


def test_it_runs_the_program_as_a_user_that_is_not_root(image):
    configuration = image.configuration["config"]
    assert configuration["User"] == "65532:65532"
    assert configuration["Entrypoint"] == [f"/{PROGRAM}"]
    assert configuration["StopSignal"] == "SIGTERM"


def test_the_program_is_all_that_can_be_executed(image):
    executable = [
        member.name
        for member in image.members()
        if member.isfile() and member.mode & 0o111 and not re.search(r"/(lib[^/]+|ld-linux[^/]*)\.so\.[0-9]+$", member.name)
    ]
    assert executable == [PROGRAM]


def test_only_root_can_change_anything_but_temporary_files(image):
    for member in image.members():
        assert (member.uid, member.gid) == (0, 0), member.name
        assert not member.mode & (stat.S_ISUID | stat.S_ISGID), member.name
        if not member.issym():
            assert member.name == "tmp" or not member.mode & 0o022, member.name


def test_every_file_has_the_time_of_the_commit(image):
    created = datetime.datetime.fromisoformat(image.labels["org.opencontainers.image.created"])
    assert {member.mtime for member in image.members()} == {int(created.timestamp())}


def test_each_library_comes_with_its_package_and_its_licence(image):
    names = {member.name for member in image.members()}
    packages = {name.rpartition("/")[2] for name in names if name.startswith("var/lib/dpkg/status.d/")}
    assert packages >= {"libfcgi0ldbl", "libc6", "ca-certificates"}
    for package in packages:
        assert f"usr/share/doc/{package}/copyright" in names


def test_the_other_image_installs_the_same_packages(image):
    """.pipeline/blubber.yaml must list what the program links, except what every Debian has."""
    variants = yaml.safe_load((ROOT / ".pipeline/blubber.yaml").read_text())["variants"]
    packages = {member.name.rpartition("/")[2] for member in image.members() if "/status.d/" in member.name}
    assert set(variants["image"]["apt"]["packages"]) == packages - {"libc6", "libgcc-s1"}


def test_the_chart_names_the_program_by_its_path_in_the_image():
    """Its probes start the program, and there is no shell to search for it."""
    commands = re.findall(r"command: \[([^],]+), --probe,", (ROOT / "chart/templates/deployment.yaml").read_text())
    assert set(commands) == {f"/{PROGRAM}"}
