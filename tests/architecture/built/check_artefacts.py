"""The artefacts that are deployed can be imported and invoked, and two builds of them agree."""

import json
import platform
import struct
from pathlib import Path

import pytest

from layers.build_layer import LAMBDA, content_hash, size
from tests.architecture.built.artefacts import LAYERS, build_again, built, code, layers_of, run
from tests.architecture.stacks import Function, functions
from tests.support.sales import invoice, sale

AARCH64 = 183  # e_machine in the header of an ELF file.
MOST_UNZIPPED_BYTES = 250_000_000
NATIVE = (".so",)

IMPORT_ALL = """
import importlib.util, json
failed = {}
for number, (label, file) in enumerate(json.loads(sys.argv[1])):
    try:
        sys.path.insert(0, file.rsplit("/", 1)[0])
        spec = importlib.util.spec_from_file_location(f"handler_{number}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not callable(module.handler):
            failed[label] = "its handler cannot be called"
    except BaseException as problem:
        failed[label] = f"{type(problem).__name__}: {problem}"
    finally:
        sys.path.pop(0)
import commerce
print(json.dumps({"failed": failed, "bytecode": commerce.__cached__, "stripe": "stripe" in sys.modules}))
"""

RENDER = """
from commerce.invoices.model import Document
from commerce.invoices.pages import rendered
print(rendered(Document.model_validate_json(sys.argv[1]))[:5].decode(), "PIL" in sys.modules)
"""

INVOKE = """
import importlib, json
class Context:
    function_name = "smoke"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:smoke"
    aws_request_id = "smoke"
    def get_remaining_time_in_millis(self): return 10_000
print(json.dumps(importlib.import_module(sys.argv[1]).handler(json.loads(sys.argv[2]), Context())))
"""


def functions_with(*, stripe: bool) -> list[Function]:
    return [it for it in functions() if ({"Ref": "StripeLayer"} in it.properties["Layers"]) is stripe]


def event(method: str, path: str, route: str, body: str | None = None) -> str:
    """Return an event of API Gateway, payload version 2."""
    return json.dumps({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            "stage": "$default",
            "requestId": "smoke",
            "routeKey": route,
        },
        "pathParameters": {"cart_id": "cart_none"},
        "body": body,
        "isBase64Encoded": False,
    })  # fmt: skip


def invoke(label: str, payload: str) -> dict[str, object]:
    function = next(it for it in functions() if it.label == label)
    result = run(INVOKE, path=[code(function), *layers_of(function)], arguments=[function.file.stem, payload])
    assert result.returncode == 0, result.stderr[-2000:]
    answer: dict[str, object] = json.loads(result.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("layer", LAYERS)
class TestLayer:
    def test_is_the_same_when_it_is_built_again(self, layer: str) -> None:
        assert content_hash(built(layer)) == content_hash(build_again(layer, LAMBDA))

    def test_holds_the_same_files_for_this_machine(self, layer: str) -> None:
        def files(folder: Path) -> set[str]:
            return {
                str(path.relative_to(folder))
                for path in folder.rglob("*")
                if path.is_file() and path.suffix not in NATIVE
            }

        other = build_again(layer, "host")
        without = {name for name in files(other) ^ files(built(layer)) if not name.endswith("dist-info/WHEEL")}

        assert {name for name in without if ".dist-info/" not in name} == set()

    def test_is_native_to_lambdas_processor(self, layer: str) -> None:
        for path in built(layer).rglob("*.so"):
            (machine,) = struct.unpack_from("<H", path.read_bytes(), 18)

            assert machine == AARCH64, path

    def test_ships_bytecode_for_every_module(self, layer: str) -> None:
        for path in (built(layer) / "python").rglob("*.py"):
            compiled = path.parent / "__pycache__" / f"{path.stem}.cpython-313.pyc"

            assert compiled.exists(), path
            assert struct.unpack_from("<I", compiled.read_bytes(), 4) == (1,), f"{compiled} is checked at import"


class TestFunctions:
    def test_are_small_enough_for_lambda(self) -> None:
        largest = max(size(code(it)) for it in functions()) + sum(size(built(layer)) for layer in LAYERS)

        assert largest < MOST_UNZIPPED_BYTES

    def test_carry_only_their_own_folder(self) -> None:
        for function in functions():
            names = {path.name for path in code(function).iterdir()}

            assert names == {path.name for path in function.file.parent.glob("*.py")}

    @pytest.mark.parametrize("stripe", [False, True], ids=["without stripe", "with stripe"])
    def test_can_all_be_imported_with_their_layers_alone(self, *, stripe: bool) -> None:
        chosen = functions_with(stripe=stripe)
        files = json.dumps([(it.label, str(code(it) / it.file.name)) for it in chosen])

        result = run(IMPORT_ALL, path=layers_of(chosen[0]), arguments=[files])

        assert result.returncode == 0, result.stderr[-2000:]
        found = json.loads(result.stdout.splitlines()[-1])
        assert found["failed"] == {}
        assert Path(found["bytecode"]).exists()
        assert found["stripe"] is False or stripe


class TestDocuments:
    @pytest.mark.parametrize("audience", ["storefront", "admin"])
    def test_are_rendered_with_the_functions_layers_alone_and_without_a_library_for_pictures(
        self, audience: str
    ) -> None:
        renders = next(it for it in functions() if it.label == f"{audience}/invoices/get_order_invoice_pdf")

        result = run(RENDER, path=layers_of(renders), arguments=[invoice(sale()).model_dump_json()])

        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.split() == ["%PDF-", "False"]


class TestInvocation:
    @pytest.mark.parametrize(
        "label", ["storefront/edge/unknown_route", "admin/edge/unknown_route", "workers/edge/unknown_route"]
    )
    def test_answers_an_unknown_address_with_a_problem(self, label: str) -> None:
        answer = invoke(label, event("GET", "/nowhere", "$default"))

        assert answer["statusCode"] == 404
        assert json.loads(str(answer["body"]))["code"] == "request.unknown_route"

    def test_refuses_a_broken_checkout_with_a_problem(self) -> None:
        route = "POST /v1/carts/{cart_id}/checkout"

        answer = invoke("storefront/checkout/begin_checkout", event("POST", "/v1/carts/cart_none/checkout", route, "{"))

        assert answer["statusCode"] == 400


def test_was_built_on_a_machine_that_can_prove_it() -> None:
    assert platform.machine() in {"x86_64", "aarch64", "arm64", "AMD64"}
