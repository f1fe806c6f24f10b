"""The documents tell of everything there is, and lead nowhere wrong."""

import ast
import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import get_args

import pytest

import commerce
from commerce.carts.schemas import ProblemCode
from commerce.checkout.receiving import APPLIED
from commerce.entrypoints.problems import status_of
from commerce.kernel.config import Settings
from commerce.kernel.errors import CommerceError
from commerce.kernel.outbox import Event
from commerce.payments.model import ReviewKind
from commerce.staff.model import SCOPES
from local.engine_room import STRIPE_EVENTS
from tests.architecture.stacks import ROOT, functions, handler_files, stacks

LONGEST_README = 150
ROUTE = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) (/\S+): ")
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
CALL = re.compile(r"(?:\$S|\$SHOP|127\.0\.0\.1:8000)(/[^\s\"'`)|?]+)")
FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)

# Written in parts, so that this file does not contain what it looks for.
MACHINES = re.compile(
    "|".join((r"(?<![\w.$}-])/(?:wo" + r"rk|ro" + r"ot)/[\w.]", r"/ho" + r"me/[a-z]", r"/Us" + r"ers/[A-Za-z]"))
)
REGISTRIES = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.", "registry" + r"\.yarnpkg")))


def text(path: str) -> str:
    return (ROOT / path).read_text()


def pages() -> list[str]:
    return [path for path in tracked() if path.endswith(".md")]


@lru_cache(maxsize=1)
def tracked() -> list[str]:
    """Return the files of the repository; those that are new count too, and those that are ignored do not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for path in listed.splitlines() if (ROOT / path).is_file()]


def routes() -> list[str]:
    """Return the routes by the first lines of the handlers."""
    lines = [(ast.get_docstring(ast.parse(file.read_text())) or "").split("\n")[0] for file in handler_files()]
    return sorted({" ".join(match.groups()) for line in lines if (match := ROUTE.match(line))})


@lru_cache(maxsize=1)
def modules() -> list[str]:
    found = [module.name for module in pkgutil.walk_packages(commerce.__path__, "commerce.")]
    for name in found:
        importlib.import_module(name)
    return found


def subclasses[T](kind: type[T]) -> Iterator[type[T]]:
    modules()
    for child in kind.__subclasses__():
        if child.__module__.startswith("commerce."):
            yield child
        yield from subclasses(child)


def codes() -> list[tuple[str, int]]:
    """Return every stable code and the status that it comes with."""
    errors = [error for error in subclasses(CommerceError) if "code" in vars(error)]
    return sorted({(error.code, int(status_of(error.__new__(error)))) for error in errors})


def types() -> list[str]:
    return sorted(event.type for event in subclasses(Event) if "." in getattr(event, "type", ""))


def settings() -> list[str]:
    return [field.upper() for field in Settings.model_fields]


def targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", text("Makefile"), re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the names under which the headings of a page can be linked, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class TestTheApi:
    @pytest.mark.parametrize("route", routes())
    def test_is_described_with_every_endpoint(self, route: str) -> None:
        assert f"`{route}`" in text("docs/api.md")

    @pytest.mark.parametrize(("code", "status"), codes())
    def test_is_described_with_every_code_and_its_status(self, code: str, status: int) -> None:
        assert f"| `{code}` | {status} |" in text("docs/api.md")

    def test_knows_no_code_that_there_is_not(self) -> None:
        described = set(re.findall(r"^\| `([a-z_.]+)` \| \d{3} \|", text("docs/api.md"), re.MULTILINE))

        assert described - {code for code, _ in codes()} == set()

    @pytest.mark.parametrize("code", get_args(ProblemCode))
    def test_is_described_with_every_problem_of_a_cart(self, code: str) -> None:
        assert f"`{code}`" in text("docs/api.md")

    @pytest.mark.parametrize("page", pages())
    def test_is_called_by_addresses_that_there_are(self, page: str) -> None:
        known = [re.compile(re.sub(r"\{\w+\}", r"[^/]+", route.split(" ")[1]) + "$") for route in routes()]
        known.append(re.compile(r"/docs$"))
        shown = [path for block in FENCE.findall(text(page)) for path in CALL.findall(block)]

        assert [path for path in shown if not any(pattern.match(path) for pattern in known)] == []


class TestOperations:
    @pytest.mark.parametrize("name", settings())
    def test_tell_of_every_setting(self, name: str) -> None:
        assert f"`{name}`" in text("docs/operations.md")

    @pytest.mark.parametrize("name", sorted(stacks()["Root"].written["Parameters"]))
    def test_tell_of_every_parameter_and_its_default(self, name: str) -> None:
        default = stacks()["Root"].written["Parameters"][name].get("Default", "")

        assert f"| `{name}` | {default} |".replace("|  |", "| |") in text("docs/operations.md")

    @pytest.mark.parametrize("name", sorted(stacks()["Root"].of_type("AWS::CloudWatch::Alarm")))
    def test_say_what_every_alarm_means(self, name: str) -> None:
        assert f"| `{name}` |" in text("docs/operations.md")

    @pytest.mark.parametrize("event", APPLIED)
    def test_list_every_type_that_stripe_must_send(self, event: str) -> None:
        assert f"`{event}`" in text("docs/operations.md")

    def test_have_the_local_stripe_send_the_same_types(self) -> None:
        assert set(STRIPE_EVENTS) == set(APPLIED)

    @pytest.mark.parametrize("scope", SCOPES)
    def test_list_every_scope(self, scope: str) -> None:
        assert f"`{scope}`" in text("docs/operations.md")


class TestTheDataModel:
    @pytest.mark.parametrize("table", sorted(stacks()["Root"].of_type("AWS::DynamoDB::Table")))
    def test_has_a_page_for_every_table(self, table: str) -> None:
        name = table.removesuffix("Table").lower()

        assert f"| {table} | [{name}](data-model/{name}.md) |" in text("docs/data-model.md")
        assert table in text(f"docs/data-model/{name}.md")

    @pytest.mark.parametrize("kind", ReviewKind)
    def test_explains_every_kind_of_review(self, kind: ReviewKind) -> None:
        assert f"| `{kind}` |" in text("docs/data-model/payments.md")


class TestEvents:
    @pytest.mark.parametrize("name", types())
    def test_are_described(self, name: str) -> None:
        assert f"### {name}\n" in text("docs/events.md")


class TestTheArchitecture:
    def test_shows_every_package(self) -> None:
        drawing = text("docs/architecture.md")
        packages = [name.split(".")[1] for name in modules() if name.count(".") == 1]

        assert [name for name in packages if not re.search(rf"\b{name}\b", drawing)] == []

    @pytest.mark.parametrize("label", sorted({it.label for it in functions() if it.stack.name == "Workers"}))
    def test_says_what_every_worker_does(self, label: str) -> None:
        assert f"`{label.removeprefix('workers/')}`" in text("docs/architecture.md")


class TestContributing:
    @pytest.mark.parametrize("target", targets())
    def test_tells_of_every_make_target(self, target: str) -> None:
        assert f"`make {target}`" in text("CONTRIBUTING.md")

    def test_tells_of_no_target_that_there_is_not(self) -> None:
        mentioned = {name for page in pages() for name in re.findall(r"`make ([a-z-]+)", text(page))}

        assert mentioned <= set(targets())


class TestEveryPage:
    @pytest.mark.parametrize("page", pages())
    def test_links_to_what_there_is(self, page: str) -> None:
        broken = []
        for link in LINK.findall(FENCE.sub("", text(page))):
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                broken.append(link)

        assert broken == []

    def test_is_linked_if_it_is_a_decision(self) -> None:
        decisions = {Path(page).name for page in pages() if re.match(r"docs/adr/\d{4}-", page)}

        assert decisions == set(re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", text("docs/adr/README.md")))

    def test_is_short_if_it_is_the_first_one(self) -> None:
        assert len(text("README.md").splitlines()) < LONGEST_README


class TestTheRepository:
    def test_names_no_machine_and_no_registry(self) -> None:
        found = []
        for path in tracked():
            try:
                content = text(path)
            except UnicodeDecodeError:
                continue
            found += [(path, match) for rule in (MACHINES, REGISTRIES) for match in rule.findall(content)]

        assert found == []

    def test_is_licensed(self) -> None:
        assert "Copyright (c) 2026 The Tradewind authors" in text("LICENSE")
