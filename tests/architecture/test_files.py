"""The repository keeps its own size and habits."""

import re
import tomllib
from pathlib import Path

from tests.architecture.stacks import ROOT

LONGEST_FILE = 450
CODE = ("functions", "layers", "local", "tests")
GENERIC = re.compile(r"^(utils?|helpers?|common|misc|managers?|services?)$")


def python_files() -> list[Path]:
    return [path for folder in CODE for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts]


def test_splits_a_file_by_topic_before_it_gets_long() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert long == {}


def test_names_every_file_by_its_topic() -> None:
    generic = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if GENERIC.match(path.stem) or GENERIC.match(path.parent.name)
    ]

    assert generic == []


def test_ships_what_the_layers_lock_and_tests_the_same_versions() -> None:
    pinned = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
    tested = dict(pinned.findall((ROOT / "requirements/dev.txt").read_text()))
    dependencies = dict(pinned.findall((ROOT / "layers/dependencies/requirements.txt").read_text()))
    stripe = dict(pinned.findall((ROOT / "layers/stripe/requirements.txt").read_text()))
    documents = dict(pinned.findall((ROOT / "layers/documents/requirements.txt").read_text()))

    assert dependencies.items() <= tested.items()
    assert stripe.items() <= tested.items()
    assert documents.items() <= tested.items()
    assert not set(dependencies) & (set(stripe) | set(documents))
    assert "boto3" not in stripe
    assert "stripe" not in dependencies


def test_keeps_boundaries_between_packages_exhaustive() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")

    assert layers["exhaustive"] is True
    assert "(" not in "".join(layers["layers"]), "a package in parentheses is optional, and these all exist"
