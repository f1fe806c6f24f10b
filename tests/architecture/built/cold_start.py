"""The CPU of the imports of a cold start, with the layers' bytecode and without: `make cold-start`."""

import json
import shutil
import statistics
import subprocess
from pathlib import Path

from layers.build_layer import size
from tests.architecture.built.artefacts import AGAIN, BUILT, base_python, build_again

MEASURED = {
    "storefront/catalog/get_product": ("Storefront/GetProductFunction", "get_product", ("commerce", "dependencies")),
    "storefront/checkout/begin_checkout": (
        "Storefront/BeginCheckoutFunction",
        "begin_checkout",
        ("commerce", "dependencies", "stripe"),
    ),
}
TIMES = 9

CPU = """
import json, resource, sys
sys.path[:0] = json.loads(sys.argv[1])
__import__(sys.argv[2])
used = resource.getrusage(resource.RUSAGE_SELF)
print((used.ru_utime + used.ru_stime) * 1000)
"""


def without_bytecode(layer: str) -> Path:
    """Return a copy of a layer as it would be without compileall."""
    target = AGAIN / "source" / layer
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(build_again(layer, "host"), target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def milliseconds(module: str, path: list[str]) -> float:
    """Return the CPU of one fresh interpreter that imports a handler. It may not write bytecode, as in Lambda."""
    command = [base_python(), "-I", "-S", "-B", "-c", CPU, json.dumps(path), module]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the medians, the two variants measured in turn so that both see the same machine."""
    for label, (folder, module, layers) in MEASURED.items():
        compiled = [str(BUILT / folder), *(str(build_again(it, "host") / "python") for it in layers)]
        source = [str(BUILT / folder), *(str(without_bytecode(it) / "python") for it in layers)]
        pairs = [(milliseconds(module, compiled), milliseconds(module, source)) for _ in range(TIMES)]
        fast, slow = (statistics.median(side) for side in zip(*pairs, strict=True))
        shipped = sum(size(Path(it)) for it in compiled) / 1_000_000
        print(f"{label} ({shipped:.0f} MB)")
        print(f"  {fast:.0f} ms CPU with bytecode, {slow:.0f} ms without: {slow / fast:.1f} times as much")


if __name__ == "__main__":
    main()
