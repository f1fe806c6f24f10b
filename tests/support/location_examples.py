"""One valid request to each operation of stock locations; see examples.py."""

from typing import Any

from tests.support.examples import Request, example, version
from tests.support.scene import Scene

SHELF = "shelf"
"""A location that sells nothing, so that other examples find the stock where they put it."""


RULES = ("nearest", "fewest_parcels", "cheapest", "priority")


@example("admin_list_locations")
def list_locations(_: Scene) -> Request:
    return Request()


def known(scene: Scene) -> Any:
    """Return the locations, which staff have put already: the first change makes the item, and all others change it."""
    if scene.staff_get("/locations")["version"] == 0:
        assert scene.staff.put(f"/locations/{SHELF}", json={"title": "Shelf", "active": False}).is_success
    return scene.staff_get("/locations")


@example("admin_put_location")
def put_location(scene: Scene) -> Request:
    title, before = f"Shelf {scene.number()}", known(scene)
    return Request(
        values={"location_id": SHELF},
        body={"title": title, "active": False, "kind": "virtual", "priority": 9},
        headers=version(before),
        seen=lambda: [one["title"] for one in scene.listed("/locations", id=SHELF)],
        then=[title],
    )


@example("admin_put_allocation_rule")
def put_allocation_rule(scene: Scene) -> Request:
    before = known(scene)
    wanted = RULES[scene.number() % len(RULES)]
    return Request(
        body={"strategy": wanted},
        headers=version(before),
        seen=lambda: scene.staff_get("/locations")["strategy"],
        then=wanted,
    )
