"""Keys for gift card codes: made once, added to, never dropped."""

import json
from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest

from commerce.adapters import code_keys
from commerce.kernel import clock
from commerce.kernel.errors import Unavailable
from tests.support.aws import REGION, forget_secrets
from tests.support.store import Store, running_store

NAME = "/tradewind/gift-card-keys"


@pytest.fixture
def store() -> Iterator[Store]:
    with running_store() as running:
        boto3.client("ssm", region_name=REGION).delete_parameter(Name=NAME)
        yield running


class TestCodeKeys:
    def test_are_made_once(self, store: Store) -> None:
        assert code_keys.ensure_code_keys()
        [key] = code_keys.code_keys()

        assert not code_keys.ensure_code_keys()
        forget_secrets()
        assert code_keys.code_keys() == (key,)
        assert len(key.secret) >= 43
        assert key.secret.decode() not in repr(key)

    def test_are_missing_before_the_deploy_has_made_them(self, store: Store) -> None:
        with pytest.raises(Unavailable, match="gift-card-keys"):
            code_keys.code_keys()
        with pytest.raises(Unavailable, match="deploy the store first"):
            code_keys.add_code_key(now=clock.now())

    def test_keep_the_old_ones_and_begin_when_everybody_must_know_the_new_one(self, store: Store) -> None:
        code_keys.ensure_code_keys()
        [first] = code_keys.code_keys()
        now = clock.now()

        added = code_keys.add_code_key(now=now)

        forget_secrets()
        assert code_keys.code_keys() == (first, added)
        assert code_keys.code_key_at(now + timedelta(seconds=599)) == first
        assert code_keys.code_key_at(now + timedelta(seconds=600)) == added

    def test_are_as_many_as_there_are_letters(self, store: Store) -> None:
        keys = [{"secret": f"s{number}", "since": "1970-01-01T00:00:00Z"} for number in range(32)]
        ssm = boto3.client("ssm", region_name=REGION)
        ssm.put_parameter(Name=NAME, Value=json.dumps(keys), Type="SecureString")

        with pytest.raises(code_keys.TooManyCodeKeys):
            code_keys.add_code_key(now=clock.now())
