"""Build a layer: install or copy its packages, leave out what no function uses, compile it, take its hash.

`sam build` calls it through the Makefile of each layer. It needs no docker: wheels for Lambda's processor are
fetched on any machine. The same lock gives the same bytes, so a layer is uploaded only when it changed.
"""

import argparse
import compileall
import hashlib
import os
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

LAMBDA = "aarch64-manylinux2014"
HOST = "host"
PYTHON = (3, 13)

# botocore describes every service of AWS (45 MB). These are the ones that the store calls.
SERVICES = frozenset({"dynamodb", "events", "sesv2", "sns", "sqs", "ssm"})

# Paths in a layer that no function reads. Licenses stay.
UNUSED = (
    "bin",
    "share",
    ".lock",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
    "*.dist-info/uv_cache.json",
    "**/tests",
    "**/__pycache__",
    "pycountry/locales",
)


class BuildFailed(Exception):
    """The layer cannot be built; the message says what to do."""


def build(*, layer: Path, artifacts: Path, platform: str) -> None:
    """Build the layer whose sources are in `layer` into `artifacts`, as Lambda lays it out under /opt."""
    target = artifacts / "python"
    target.mkdir(parents=True, exist_ok=True)
    lock = layer / "requirements.txt"
    if lock.exists():
        install(lock=lock, target=target, platform=platform)
    for package in sorted(path.parent for path in layer.glob("*/__init__.py")):
        shutil.copytree(package, target / package.name, dirs_exist_ok=True)
    trim(target)
    compile_to_bytecode(artifacts)


def install(*, lock: Path, target: Path, platform: str) -> None:
    """Install exactly what the lock names, wheels only, checked against its hashes."""
    uv = shutil.which("uv")
    if uv is None:
        message = "uv is not on the PATH: run `make build`, or activate the virtual environment that `make` made"
        raise BuildFailed(message)
    version = ".".join(map(str, PYTHON))
    command = [uv, "pip", "install", "--quiet", "--target", str(target), "--requirement", str(lock)]
    if platform != HOST:
        command += ["--python-platform", platform, "--python-version", version]
    command += ["--only-binary", ":all:"]
    command += ["--require-hashes", "--no-deps", "--link-mode", "copy", "--python", sys.executable]
    subprocess.run(command, check=True)


def trim(target: Path) -> None:
    """Remove what no function uses."""
    for pattern in UNUSED:
        for path in sorted(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for service in (target / "botocore" / "data").glob("*/"):
        if service.name not in SERVICES:
            shutil.rmtree(service)


def compile_to_bytecode(artifacts: Path) -> None:
    """Compile for /opt. Lambda reads a layer, never writes to it: without bytecode each cold start compiles again.

    Unchecked hashes: neither times nor sources are looked at, and two builds agree. One process, because what a
    .pyc shares inside depends on what was compiled before it.
    """
    compiled = compileall.compile_dir(
        artifacts / "python",
        quiet=1,
        force=True,
        stripdir=str(artifacts),
        prependdir="/opt",
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not compiled:
        message = f"{artifacts} holds a module that does not compile"
        raise BuildFailed(message)


def content_hash(artifacts: Path) -> str:
    """Return one hash over the names and contents of all files."""
    total = hashlib.sha256()
    for path in sorted(path for path in artifacts.rglob("*") if path.is_file()):
        total.update(f"{path.relative_to(artifacts)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def size(artifacts: Path) -> int:
    """Return the bytes of all files."""
    return sum(path.stat().st_size for path in artifacts.rglob("*") if path.is_file())


def main() -> None:
    """Build the layer in `layer` into `artifacts`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("layer", type=Path)
    parser.add_argument("artifacts", type=Path)
    parser.add_argument("--platform", default=os.environ.get("LAYER_PLATFORM", LAMBDA))
    options = parser.parse_args()
    if sys.version_info[:2] != PYTHON:
        parser.exit(1, f"bytecode for Lambda needs Python {PYTHON[0]}.{PYTHON[1]}, this is {sys.version.split()[0]}\n")
    if os.environ.get("PYTHONHASHSEED") != "0":
        # The order inside a constant set follows the seed of the process that compiles it.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606
    try:
        build(layer=options.layer, artifacts=options.artifacts.resolve(), platform=options.platform)
    except (BuildFailed, subprocess.CalledProcessError) as problem:
        parser.exit(1, f"{options.layer.name}: {problem}\n")


if __name__ == "__main__":
    main()
