"""The examples of what shoppers and staff do with invoices; `examples.py` imports them."""

from tests.support.examples import Request, example, version
from tests.support.scene import SELLER, Scene


@example("list_order_invoices")
def list_order_invoices(scene: Scene) -> Request:
    checkout, _ = scene.invoiced()
    return Request(values={"order_id": checkout["order"]["id"]}, headers={"Order-Token": checkout["order_token"]})


@example("get_order_invoice")
@example("get_order_invoice_pdf")
def get_order_invoice(scene: Scene) -> Request:
    checkout, number = scene.invoiced()
    values = {"order_id": checkout["order"]["id"], "number": number}
    return Request(values=values, headers={"Order-Token": checkout["order_token"]})


@example("admin_list_order_invoices")
def admin_list_order_invoices(scene: Scene) -> Request:
    checkout, _ = scene.invoiced()
    return Request(values={"order_id": checkout["order"]["id"]})


@example("admin_get_order_invoice")
@example("admin_get_order_invoice_pdf")
def admin_get_order_invoice(scene: Scene) -> Request:
    checkout, number = scene.invoiced()
    return Request(values={"order_id": checkout["order"]["id"], "number": number})


@example("admin_list_invoices")
@example("admin_get_invoicing")
def list_invoices(_: Scene) -> Request:
    return Request()


@example("admin_issue_order_invoices", capture="manual")
def issue_order_invoices(scene: Scene) -> Request:
    checkout = scene.ordered(paid=True)  # Authorized, and so not invoiced by itself.
    path = f"/orders/{checkout['order']['id']}/invoices"

    def seen() -> object:
        return [document["kind"] for document in scene.staff_get(path)["items"]]

    assert seen() == []
    return Request(values={"order_id": checkout["order"]["id"]}, seen=seen, then=["invoice"])


@example("admin_put_invoicing")
def put_invoicing(scene: Scene) -> Request:
    note = f"Thank you {scene.number()} times."
    before = scene.staff_get("/invoicing")

    return Request(
        body={"seller": SELLER, "notes": [note]},
        headers=version(before),
        seen=lambda: scene.staff_get("/invoicing")["notes"],
        then=[note],
    )
