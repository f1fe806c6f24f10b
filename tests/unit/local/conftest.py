"""Fixtures of the local runtime's tests."""

from pathlib import Path

import pytest

from local.templates import Application, load_application

TOY_TEMPLATE = Path(__file__).parents[2] / "functional" / "local" / "toyapp" / "template.yaml"


@pytest.fixture(scope="session")
def toy() -> Application:
    """The toy application, read once."""
    return load_application(TOY_TEMPLATE, parameters={"SecretName": "/toy/secret"})
