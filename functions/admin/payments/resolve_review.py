"""POST /v1/admin/payment-reviews/{review_id}/resolution: close a review with a note of what was done."""

from commerce.checkout import reviews
from commerce.checkout.staff_schemas import ReviewResolution
from commerce.entrypoints.http import admin
from commerce.entrypoints.params import Id
from commerce.payments.model import Review

api = admin("payments:write")


@api.post("/v1/admin/payment-reviews/{review_id}/resolution", replay=reviews.review_again)
def resolve_review(review_id: Id, body: ReviewResolution) -> Review:
    return reviews.resolve(review_id=review_id, note=body.note, call=api.call())


handler = api.handler
