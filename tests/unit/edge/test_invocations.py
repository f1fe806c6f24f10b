"""What the first invocation of a function ends: the time without a garbage collector."""

import os
import subprocess
import sys

from tests.support.store import ENVIRONMENT

SOURCE = """
import gc
from commerce.entrypoints.invocations import invocation

@invocation
def handler(event, context):
    return gc.isenabled()

print(handler({}, None), gc.isenabled(), gc.get_freeze_count() > 10_000, handler({}, None))
"""


def said(**variables: str) -> list[str]:
    """Return the words that a fresh interpreter prints."""
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **variables}
    ran = subprocess.run([sys.executable, "-c", SOURCE], env=environment, check=True, capture_output=True, text=True)
    return ran.stdout.split()


def test_a_function_collects_no_garbage_until_its_first_invocation_is_over() -> None:
    assert said(AWS_LAMBDA_FUNCTION_NAME="shop-GetCartFunction") == ["False", "True", "True", "True"]


def test_any_other_program_keeps_its_collector() -> None:
    assert said() == ["True", "True", "False", "True"]
