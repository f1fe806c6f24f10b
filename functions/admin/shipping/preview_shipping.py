"""POST /v1/admin/shipping/preview: show what a basket would be offered, and why not the rest."""

from commerce.entrypoints.http import admin
from commerce.shipping import preview
from commerce.shipping.staff_schemas import ShippingPreview, ShippingPreviewRequest

api = admin("shipping:read")


@api.post("/v1/admin/shipping/preview", replay=None)
def preview_shipping(body: ShippingPreviewRequest) -> ShippingPreview:
    """Change nothing and keep nothing; carriers are asked, if the shop has any."""
    return preview.preview(request=body, now=api.call().now)


handler = api.handler
