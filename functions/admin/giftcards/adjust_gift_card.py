"""POST /v1/admin/gift-cards/{gift_card_id}/adjustments: correct a balance by a difference."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun, Id
from commerce.giftcards import staff_operations
from commerce.giftcards.staff_schemas import BalanceAdjustment, GiftCardChange

api = admin("giftcards:write")


@api.post(
    "/v1/admin/gift-cards/{gift_card_id}/adjustments",
    status=201,
    replay=staff_operations.changed_again,
    takes_if_match=True,
)
def adjust_gift_card(gift_card_id: Id, body: BalanceAdjustment, dry_run: DryRun = False) -> GiftCardChange:
    return staff_operations.adjust(card_id=gift_card_id, new=body, call=api.call(), dry_run=dry_run)


handler = api.handler
