"""No function imports what it does not use: the packages and the heavy modules that each handler loads, by kind.

`make cold-start` measures what imports cost; here they are counted, which no busy machine can blur.
"""

import json
import re
import subprocess
import sys
from functools import lru_cache

import pytest

from layers.build_layer import SERVICES
from tests.architecture.stacks import ROOT, Function, functions

LOCKED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)
CALLS_A_SERVICE = re.compile(r'aws\.client\("([a-z0-9]+)"')

# Loaded with pydantic and pynamodb, and so by all.
UNDER_ALL = {
    "annotated_types",
    "botocore",
    "dateutil",
    "jmespath",
    "pydantic",
    "pydantic_core",
    "pynamodb",
    "six",
    "typing_extensions",
    "typing_inspection",
    "urllib3",
}
BY_ALL = {"aws_lambda_powertools", "cachetools", "commerce", "iso4217"}
BY_THOSE_THAT_PAY = {"stripe"}
BY_THOSE_THAT_WRITE_MAILS = {"jinja2", "markupsafe"}
WRITE_MAILS = {"workers/notifications/deliver_notification"}

EDGE = "aws_lambda_powertools.event_handler"

# Powertools' batches bring models of all kinds of messages.
MODELS_OF_MESSAGES = "aws_lambda_powertools.utilities.parser.models"

# Heavy, and of no use to any function at its start. Address libraries are imported by those who send an address, the
# PDF library and what it brings by those who are shown a page, then.
BY_NOBODY = {
    "aws_lambda_powertools.event_handler.openapi.models",
    "aws_lambda_powertools.event_handler.openapi.swagger_ui",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parameters",
    "aws_lambda_powertools.utilities.validation",
    "boto3",
    "httpx",
    "requests",
    "PIL",
    "fontTools",
    "fpdf",
    "ctypes",
    "curses",
    "distutils",
    "doctest",
    "email_validator",
    "jinja2.ext",
    "multiprocessing",
    "pdb",
    "pkg_resources",
    "pycountry",
    "pydantic.v1",
    "pydoc",
    "sqlite3",
    "tkinter",
    "unittest",
    "xml.dom",
    "xmlrpc",
}

# What only some shops have. Carts import it when they meet the first promotion, shipping method, and so on.
BY_SHOPS_THAT_HAVE_SOME = {
    "commerce.adapters.shipengine",
    "commerce.adapters.stripe_tax",
    "commerce.adapters.vies",
    "commerce.prices.books",
    "commerce.prices.history",
    "commerce.promotions.engine",
    "commerce.promotions.model",
    "commerce.shipping.engine",
}
PRICES_CARTS = ("storefront/carts/", "storefront/checkout/")

# Whatever follows an order knows what the order keeps, and prices nothing.
FOLLOWS_ORDERS = ("admin/orders/", "storefront/orders/", "workers/checkout/", "workers/payments/", "workers/webhooks/")
PRICES = {"commerce.carts.priced", "commerce.pricing.quotes", "commerce.prices.engine", "commerce.taxes.engine"}

# One interpreter that has what is under all of them, and a child of it for each handler. It sees what the layers hold.
IMPORT_EACH = """
import importlib.metadata, json, os, sys
shipped, path, handlers = json.load(sys.stdin)

class OnlyWhatIsShipped:
    def __init__(self):
        names = importlib.metadata.packages_distributions()
        self.absent = {name for name, found in names.items() if not shipped_of(found)}
    def find_spec(self, name, *_):
        if name.partition(".")[0] in self.absent:
            raise ModuleNotFoundError(f"{name} is in no layer", name=name)

def shipped_of(distributions):
    return {it.lower().replace("_", "-").replace(".", "-") for it in distributions} & set(shipped)

sys.path[:0] = path
sys.meta_path.insert(0, OnlyWhatIsShipped())
before = set(sys.modules)
import pydantic, pynamodb.attributes, pynamodb.models
for label, folder, module in handlers:
    if os.fork():
        os.wait()
        continue
    sys.path.insert(0, folder)
    __import__(module)
    os.write(1, (json.dumps([label, sorted(set(sys.modules) - before)]) + "\\n").encode())
    os._exit(0)
"""


@lru_cache(maxsize=1)
def loaded() -> dict[str, set[str]]:
    """Return the modules that the import of each handler loads."""
    locks = (ROOT / "layers").glob("*/requirements.txt")
    shipped = [name for lock in locks for name in LOCKED.findall(lock.read_text())]
    handlers = [(it.label, str(it.file.parent), it.file.stem) for it in functions()]
    told = json.dumps([shipped, [str(ROOT / "layers" / "commerce")], handlers])
    result = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_EACH],
        check=True,
        capture_output=True,
        text=True,
        input=told,
        env={"AWS_REGION": "us-east-1", "POWERTOOLS_SERVICE_NAME": "imports", "POWERTOOLS_TRACE_DISABLED": "true"},
    )
    return {label: set(modules) for label, modules in map(json.loads, result.stdout.splitlines())}


def pays(function: Function) -> bool:
    return {"Ref": "StripeLayer"} in function.properties["Layers"]


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.label)
class TestHandler:
    def test_imports_the_packages_of_its_kind_and_no_other(self, function: Function) -> None:
        packages = {name.partition(".")[0] for name in loaded()[function.label]}
        third_party = {name for name in packages - sys.stdlib_module_names if not name.startswith("_")}
        allowed = UNDER_ALL | BY_ALL | {function.file.stem}
        allowed |= BY_THOSE_THAT_PAY if pays(function) else set()
        allowed |= BY_THOSE_THAT_WRITE_MAILS if function.label in WRITE_MAILS else set()

        assert third_party - allowed == set()

    def test_imports_nothing_heavy_that_it_does_not_use(self, function: Function) -> None:
        assert loaded()[function.label] & BY_NOBODY == set()

    def test_imports_what_only_some_shops_have_when_it_meets_it(self, function: Function) -> None:
        if function.label.startswith(PRICES_CARTS):
            assert loaded()[function.label] & BY_SHOPS_THAT_HAVE_SOME == set()

    def test_prices_nothing_where_it_follows_an_order(self, function: Function) -> None:
        if function.label.startswith(FOLLOWS_ORDERS):
            assert loaded()[function.label] & PRICES == set()

    def test_imports_the_edge_of_http_only_to_answer_http(self, function: Function) -> None:
        assert (EDGE in loaded()[function.label]) is bool(function.routes)

    def test_imports_powertools_batches_only_to_take_messages_one_by_one(self, function: Function) -> None:
        takes_messages = any(event["Type"] == "SQS" for event in function.events)

        assert (MODELS_OF_MESSAGES in loaded()[function.label]) is takes_messages


def test_every_function_that_pays_uses_stripe() -> None:
    """Else the layer's 30 MB would be unpacked for nothing."""
    assert {it.label for it in functions() if "stripe" in loaded()[it.label]} == {
        it.label for it in functions() if pays(it)
    }


def test_ships_botocores_descriptions_of_the_services_that_are_called_and_no_other() -> None:
    adapters = (ROOT / "layers" / "commerce" / "commerce" / "adapters").glob("*.py")
    called = {name for path in adapters for name in CALLS_A_SERVICE.findall(path.read_text())}

    # The command line reads stacks on a person's machine; tables are pynamodb's.
    assert called - {"cloudformation"} | {"dynamodb"} == SERVICES
