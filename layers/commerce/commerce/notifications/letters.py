"""The words of mails and alerts. HTML escapes everything that comes from people."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from commerce.kernel.config import settings
from commerce.kernel.money import Money
from commerce.notifications.model import Alert, GiftCardMail, Letter, OrderMail


def confirmation(mail: OrderMail) -> Letter:
    """Return the mail that tells a shopper what they ordered."""
    return _letter("order_placed", mail, subject=f"{settings().shop_name}: your order {mail.number}")


def refund(mail: OrderMail, *, amount: Money, to_cards: Money) -> Letter:
    """Return the mail that tells a shopper that money is on its way back.

    :param to_cards: what of it went onto gift cards and store credit.
    """
    subject = f"{settings().shop_name}: refund for your order {mail.number}"
    return _letter("order_refunded", mail, subject=subject, amount=amount, to_cards=to_cards)


def gift_card(mail: GiftCardMail) -> Letter:
    """Return the mail that hands a code to whoever bought it, or to whom staff sent it."""
    what = "store credit" if mail.is_credit else "gift card"
    subject = f"{settings().shop_name}: your {what}"
    facts = {"shop_name": settings().shop_name, "subject": subject, "card": mail, "link": None}
    return _rendered("gift_card", facts, to=mail.email, subject=subject)


def gift_card_lost(*, card_id: str, order_number: str, spent: Money) -> Alert:
    """Return the alert that tells the merchant of a gift card that was used before its order was undone."""
    text = (
        f"{settings().shop_name}: order {order_number} was canceled or refunded. It had sold the gift card {card_id}, "
        f"which had paid {spent} by then.\n\nThe card is disabled; what it paid for cannot be taken back by itself.\n"
    )
    return Alert(subject=f"A refunded gift card was used: {spent}", text=text)


def low_stock(*, sku: str, location: str, available: int, threshold: int) -> Alert:
    """Return the alert that tells the merchant to buy more."""
    text = (
        f"{settings().shop_name}: {sku} at {location} has {available} left; you asked to be told at {threshold}.\n\n"
        "You will hear of it again only after it was above that number in between.\n"
    )
    return Alert(subject=f"Low stock: {sku} at {location} ({available} left)", text=text)


def review(*, review_id: str, kind: str, order_id: str | None, detail: str) -> Alert:
    """Return the alert that tells the merchant that money waits for a person."""
    about = f"order {order_id}" if order_id else "no order of this store"
    text = (
        f"{settings().shop_name}: money does not fit what is stored ({kind}, {about}).\n\n{detail}\n\n"
        f"Nothing happens to it until somebody closes the review {review_id}.\n"
    )
    return Alert(subject=f"Money waits for you: {kind}", text=text)


def _letter(template: str, mail: OrderMail, *, subject: str, **more: Money) -> Letter:
    facts = {
        "shop_name": settings().shop_name,
        "subject": subject,
        "order": mail,
        "link": mail.link(settings().shop_url),
        **more,
    }
    return _rendered(template, facts, to=mail.email, subject=subject)


def _rendered(template: str, facts: Mapping[str, Any], *, to: str, subject: str) -> Letter:
    text, html = (_templates().get_template(f"{template}.{kind}").render(facts) for kind in ("txt", "html"))
    return Letter(to=to, subject=subject, text=text, html=html)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
