"""POST /v1/admin/gift-cards: issue a gift card or store credit, and show its code."""

from commerce.entrypoints.http import admin
from commerce.entrypoints.params import DryRun
from commerce.giftcards import staff_operations
from commerce.giftcards.staff_schemas import IssuedGiftCard, NewGiftCard

api = admin("giftcards:write")


@api.post("/v1/admin/gift-cards", status=201, replay=staff_operations.issued_again)
def issue_gift_card(body: NewGiftCard, dry_run: DryRun = False) -> IssuedGiftCard:
    return staff_operations.issue(new=body, call=api.call(), dry_run=dry_run)


handler = api.handler
