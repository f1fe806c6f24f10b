"""Every operation of the document under requests that the document forbids, allows, or has never thought of (G12).

Whatever is sent: no 5xx, a status and a body that the document declares, a refusal that explains itself, and no effect
of what was refused. The requests come from three sources: schemathesis at each bound of the document, schemathesis at
random, and valid requests with one part spoiled (`hostile.py`). A failure shows each kind of wrong answer once with
its request, and ends with the command that runs it again:

    make test t='tests/faults/input/test_every_operation.py -k admin_refund_order --hypothesis-seed=7'

With `PROOF=full` in the environment, as `make prove` sets it, hundreds of requests are made to each operation, else a
slice of them; another seed draws others.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from schemathesis import GenerationMode

from local.options import ROOT
from tests.faults.input import drawn
from tests.faults.input.front import Answer, Front, Request, fits_the_gateway
from tests.faults.input.hostile import spoiled
from tests.faults.input.rules import broken
from tests.faults.input.size import FULL, SIZE
from tests.faults.input.target import WEBHOOK, Target
from tests.support.document import Operation, operations
from tests.support.examples import EXAMPLES
from tests.support.scene import Scene

LISTS = [name for name in operations() if "cursor" in drawn.query_names(name)]
EACH = 1 if FULL else 13
"""Which of the bits of a cursor are flipped, one at a time: all of them, or every thirteenth."""

WITHOUT_EFFECT = frozenset(
    {"admin_preview_shipping", "admin_preview_taxes", "admin_simulate_price", "get_gift_card_balance", "resume_payment"}
)
"""Questions that are asked by POST, and writes whose example finds done what it asks for."""

HERE = Path(__file__).relative_to(ROOT)
ANYWHERE = frozenset({"paths", "methods"})
"""What may lead to another operation, or to none."""


@pytest.fixture(scope="module", params=list(operations()))
def prepared(request: pytest.FixtureRequest, scene: Scene, front: Front) -> Target:
    """One operation after the other, each with its valid request."""
    return Target(operations()[request.param], scene, front)


@pytest.fixture
def target(request: pytest.FixtureRequest, prepared: Target, seed: int) -> Target:
    """The operation, with choices of this test's own."""
    prepared.chance = Random(f"{seed} {request.node.name}")
    return prepared


def conclude(target: Target, seed: int) -> None:
    """Fail with all that was wrong."""
    target.settle()
    verdict = target.verdict()
    if verdict:
        size = "PROOF=full " if FULL else ""
        again = f"{size}make test t='{HERE} -k {target.operation.id} --hypothesis-seed={seed}'"
        pytest.fail(f"{verdict}\n\nagain: {again}", pytrace=False)


def turn[T](things: Sequence[T], operation: Operation, seed: int) -> Sequence[T]:
    """Return the things whose turn it is at this operation: all get theirs, however few each operation takes."""
    alike = [each.id for each in operations().values() if each.takes_body == operation.takes_body]
    rounds = -(-len(things) // SIZE.spoiled) or 1
    return things[(alike.index(operation.id) + seed) % rounds :: rounds]


def test_the_example_is_valid_and_its_effect_is_seen(target: Target, seed: int) -> None:
    """Else nothing below would get past the first check, or nobody would notice what a refusal does."""
    answer = target.hit(target.request(), what="nothing")

    assert answer.status < 300, f"{target.request()}\n\n{answer}"
    assert bool(answer.effects) == (target.operation.method != "GET" and target.operation.id not in WITHOUT_EFFECT)
    conclude(target, seed)


def test_a_dry_run_is_refused_or_changes_nothing(target: Target, seed: int) -> None:
    request = target.request()

    target.hit(replace(request, target=f"{request.target}?dry_run=true"), what="as a dry run")

    conclude(target, seed)


def test_keeps_to_the_document_at_its_bounds(target: Target, seed: int) -> None:
    for case in drawn.at_each_bound(target.operation.id):
        if target.chance.random() < SIZE.boundaries:
            drawn.fire(case, target)

    conclude(target, seed)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_keeps_to_the_document_at_random(target: Target, seed: int, mode: GenerationMode) -> None:
    for case in drawn.at_random(target.operation.id, mode, most=SIZE.drawn, seed=seed):
        drawn.fire(case, target)

    conclude(target, seed)


def test_bears_what_nobody_means_to_send(target: Target, seed: int) -> None:
    queries = drawn.query_names(target.operation.id)
    kinds = spoiled(target.request(), target.operation, queries=queries, body=target.body)
    for kind, twins in kinds.items():
        for twin in turn(twins, target.operation, seed):
            if fits_the_gateway(twin.request):
                is_signed = target.operation.id == WEBHOOK and kind in {"bodies", "fields"}
                request = target.signed(twin.request) if is_signed else twin.request
                target.hit(request, what=twin.what, declared=kind not in ANYWHERE)

    conclude(target, seed)


# ---- cursors -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(scene: Scene, front: Front) -> Mapping[str, str]:
    """The path of each list, with two things in it at least, by operation."""
    shelf = scene.new_category()
    for number in range(2):
        variant = {"sku": f"SHELVED-{number}", "prices": [{"amount": 100, "currency": "USD"}]}
        product = {"title": "Shelved", "slug": f"shelved-{number}", "status": "active", "variants": [variant]}
        assert scene.staff.post("/products", json={**product, "category_ids": [shelf["id"]]}).is_success
        scene.open_review()
    scene.ordered(paid=True)
    scene.staff_key("catalog:read")
    paths = {name: operations()[name].filled(EXAMPLES[name].prepared(scene).values) for name in LISTS}
    return paths | {"list_category_products": f"/v1/categories/{shelf['slug']}/products"}


def read(front: Front, scene: Scene, path: str, query: str) -> Answer:
    """Read a page of one."""
    key = ("Authorization", f"Bearer {scene.info['staff_key']}")
    request = Request("GET", f"{path}?limit=1&{query}", (key,))
    answer = front.send(request)
    assert broken(request, answer, None) == [], f"{request}\n\n{answer}"
    return answer


def cursor_of(front: Front, scene: Scene, path: str) -> str:
    """Return the cursor that leads to a list's second page."""
    cursor = read(front, scene, path, "").json["next_cursor"]
    assert cursor, f"{path} has one page only"
    return str(cursor)


def changed(cursor: str) -> Sequence[str]:
    """Return a cursor's twins that are not it: bits flipped, cut, doubled, padded, in other letters."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = []
    for bit in range(0, len(raw) * 8, EACH):
        twin = bytearray(raw)
        twin[bit // 8] ^= 1 << bit % 8
        flipped.append(base64.urlsafe_b64encode(bytes(twin)).decode().rstrip("="))
    signature, _, position = raw.partition(b"|")
    resealed = [
        base64.urlsafe_b64encode(text).decode() for text in (position, b"|" + position, signature + b"|", raw * 2)
    ]
    others = [cursor[:-1], cursor[1:], cursor * 2, cursor.swapcase(), f" {cursor}", f"{cursor}A", "A" * len(cursor)]
    return [*flipped, *resealed, *others]


@pytest.mark.parametrize("name", LISTS)
class TestCursor:
    def test_leads_on_and_on_to_the_end(self, front: Front, scene: Scene, pages: Mapping[str, str], name: str) -> None:
        seen, query = [], ""
        while True:
            page = read(front, scene, pages[name], query).json
            seen += page["items"]
            if page["next_cursor"] is None:
                break
            query = f"cursor={page['next_cursor']}"

        assert len(seen) > 1
        assert all(item not in seen[:place] for place, item in enumerate(seen))

    def test_that_was_changed_opens_nothing(
        self, front: Front, scene: Scene, pages: Mapping[str, str], name: str
    ) -> None:
        cursor = cursor_of(front, scene, pages[name])

        for twin in changed(cursor):
            answer = read(front, scene, pages[name], f"cursor={quote(twin)}")

            assert (answer.status, answer.json["code"]) in {
                (HTTPStatus.UNPROCESSABLE_ENTITY, "request.bad_cursor"),
                (HTTPStatus.UNPROCESSABLE_ENTITY, "request.invalid"),
            }, f"{twin} instead of {cursor}: {answer}"

    def test_of_another_list_opens_nothing(
        self, front: Front, scene: Scene, pages: Mapping[str, str], name: str
    ) -> None:
        for other in set(LISTS) - {name}:
            answer = read(front, scene, pages[name], f"cursor={cursor_of(front, scene, pages[other])}")

            assert (answer.status, answer.json["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "request.bad_cursor"), (
                other
            )
