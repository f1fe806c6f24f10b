"""A page on which a person plays the shopper: choose a test card, pay, pass the bank's challenge."""

from html import escape
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from local.stripe.cards import METHODS
from local.stripe.control import confirm_as_browser
from local.stripe.engine import Service
from local.stripe.ledger import Resource
from local.stripe.money import spelled
from local.stripe.payments import finish_authentication

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
body {{ max-width: 34rem; margin: 0 auto; padding: 2rem 1rem; }}
fieldset {{ border: 0; padding: 0; margin: 1rem 0; }}
label {{ display: block; font-weight: 600; }}
select, input, button {{ font: inherit; min-height: 2.75rem; width: 100%; margin: .25rem 0 1rem; padding: .25rem .5rem;
  box-sizing: border-box; }}
:focus-visible {{ outline: 3px solid #2563eb; outline-offset: 2px; }}
.note {{ border-left: .25rem solid currentColor; padding: .5rem 1rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>Local Stripe, test mode: no money moves.</p>
{content}
</main>
</body>
</html>
"""
CHOOSE = """<form method="post">
<fieldset>
<label for="payment_method">Test payment method</label>
<select id="payment_method" name="payment_method">{options}</select>
<label for="card">Or a card number</label>
<input id="card" name="card" inputmode="numeric" autocomplete="off" placeholder="4242 4242 4242 4242">
</fieldset>
<button type="submit">Pay {amount}</button>
</form>"""
CHALLENGE = """<p>Your bank wants to know that it is you.</p>
<form method="post"><button name="authentication" value="pass">Complete authentication</button>
<button name="authentication" value="fail">Fail authentication</button></form>"""
ENDINGS = {
    "succeeded": "Paid.",
    "requires_capture": "Authorized. The shop takes the money later.",
    "processing": "The payment is being processed.",
    "canceled": "This payment was canceled.",
}
PAYABLE = {"requires_payment_method", "requires_confirmation"}


def pay_routes(service: Service) -> list[Route]:
    """Give the routes of the page."""

    async def show(request: Request) -> HTMLResponse:
        intent = _by_secret(service, request)
        if intent is None:
            return _not_found()
        return _page(intent, request)

    async def pay(request: Request) -> HTMLResponse:
        intent = _by_secret(service, request)
        if intent is None:
            return _not_found()
        sent = {name: values[-1] for name, values in parse_qs((await request.body()).decode(errors="replace")).items()}
        if intent["status"] == "requires_action":
            finish_authentication(service.ledger, intent, success=sent.get("authentication") == "pass")
        elif intent["status"] in PAYABLE:
            card = sent.get("card", "").strip() or None
            answer = await confirm_as_browser(
                service,
                intent,
                payment_method=None if card else sent.get("payment_method", "pm_card_visa"),
                card=card,
                return_url=_return_url(request),
            )
            if answer.status not in {HTTPStatus.OK, HTTPStatus.PAYMENT_REQUIRED}:
                refusal = answer.json().get("error", {}).get("message", "The payment could not be attempted.")
                return _page(intent, request, refusal=refusal)
        return _page(intent, request)

    return [
        Route("/pay/{client_secret}", show, methods=["GET"]),
        Route("/pay/{client_secret}", pay, methods=["POST"]),
    ]


def _by_secret(service: Service, request: Request) -> Resource | None:
    secret = request.path_params["client_secret"]
    intent = service.ledger.tables.get("payment_intent", {}).get(secret.partition("_secret_")[0])
    service.run_due()
    return intent if intent and intent["client_secret"] == secret else None


def _page(intent: Resource, request: Request, *, refusal: str | None = None) -> HTMLResponse:
    amount = spelled(intent["amount"], intent["currency"])
    parts: list[str] = []
    if message := refusal or (intent["last_payment_error"] or {}).get("message"):
        parts.append(f'<p class="note" role="alert">{escape(message)}</p>')
    if intent["status"] in ENDINGS:
        parts.append(f'<p class="note" role="status">{ENDINGS[intent["status"]]}</p>')
        parts.append(_way_back(intent, request))
    elif intent["status"] == "requires_action":
        parts.append(CHALLENGE)
    else:
        options = "".join(
            f'<option value="{name}">{name.removeprefix("pm_")} ({method.number})</option>'
            for name, method in METHODS.items()
            if method.type in intent["payment_method_types"]
        )
        parts.append(CHOOSE.format(options=options, amount=escape(amount)))
    content = "\n".join(parts)
    return HTMLResponse(PAGE.format(title=f"Pay {escape(amount)}", content=content), headers=HEADERS)


def _way_back(intent: Resource, request: Request) -> str:
    address = _return_url(request)
    if address is None:
        return ""
    outcome = "succeeded" if intent["status"] in {"succeeded", "requires_capture"} else intent["status"]
    query = urlencode(
        {
            "payment_intent": intent["id"],
            "payment_intent_client_secret": intent["client_secret"],
            "redirect_status": outcome,
        },
    )
    joint = "&" if urlsplit(address).query else "?"
    return f'<p><a href="{escape(f"{address}{joint}{query}")}">Back to the shop</a></p>'


def _return_url(request: Request) -> str | None:
    """Give the address to go back to, if it is one of the web."""
    address = request.query_params.get("return_url", "")
    return address if urlsplit(address).scheme in {"http", "https"} else None


def _not_found() -> HTMLResponse:
    content = '<p class="note" role="alert">There is no payment with this client secret.</p>'
    return HTMLResponse(
        PAGE.format(title="Not found", content=content),
        status_code=HTTPStatus.NOT_FOUND,
        headers=HEADERS,
    )
