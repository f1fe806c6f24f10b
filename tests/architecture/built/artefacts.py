"""What `sam build` made: where it lies, how large it is, and a second build of the same for this machine.

`python -m tests.architecture.built.artefacts` prints sizes and hashes.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from layers.build_layer import LAMBDA, content_hash, size
from tests.architecture.stacks import Function

ROOT = Path(__file__).parents[3]
BUILT = ROOT / ".aws-sam" / "build"
AGAIN = ROOT / ".aws-sam" / "again"
LAYERS = ("commerce", "dependencies", "stripe", "documents")


def built(layer: str) -> Path:
    """Return the folder of a layer as it is deployed."""
    return BUILT / f"{layer.capitalize()}Layer"


@lru_cache
def build_again(layer: str, platform: str) -> Path:
    """Build a layer once more, from nothing, and return its folder. `host` is the platform of this machine."""
    target = AGAIN / platform / layer
    subprocess.run(["rm", "-rf", str(target)], check=True)
    script = ROOT / "layers" / "build_layer.py"
    command = [sys.executable, str(script), str(ROOT / "layers" / layer), str(target), "--platform", platform]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": ""})
    return target


def code(function: Function) -> Path:
    """Return the built folder of a function."""
    return BUILT / function.stack.name / function.name


def layers_of(function: Function) -> list[Path]:
    """Return the layers of a function, built for this machine, in the order in which Lambda lays them."""
    names = [layer["Ref"].removesuffix("Layer").lower() for layer in function.properties["Layers"]]
    return [build_again(name, "host") / "python" for name in names]


def base_python() -> str:
    """Return the interpreter below the virtual environment: it sees no package but those it is shown."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)))


def run(
    source: str, *, path: list[Path], arguments: Sequence[str] = (), options: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run code as Lambda would: with these folders and the standard library on its path, and nothing else."""
    prelude = f"import sys; sys.path[:0] = {[str(it) for it in path]!r}\n"
    command = [base_python(), "-I", "-S", "-B", *options, "-c", prelude + source, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT)


ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "smoke",
    "AWS_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_XRAY_SDK_ENABLED": "false",
    "POWERTOOLS_SERVICE_NAME": "smoke",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


def megabytes(folder: Path) -> str:
    return f"{size(folder) / 1_000_000:6.1f} MB"


def main() -> None:
    """Print sizes and hashes."""
    for layer in LAYERS:
        print(f"  {layer:<14}{megabytes(built(layer))}  sha256 {content_hash(built(layer))}")
    folders = [path for path in BUILT.glob("*/*Function") if path.is_dir()]
    total = sum(size(path) for path in folders)
    print(f"  {len(folders)} functions {total / 1_000_000:6.1f} MB")


if __name__ == "__main__":
    print(f"  .aws-sam/build for {LAMBDA}")
    main()
