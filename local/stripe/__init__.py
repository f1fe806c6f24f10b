"""A stateful stand-in for Stripe's API on one machine, used through the real ``stripe`` SDK."""

from local.stripe.app import create_app
from local.stripe.config import StripeConfig
from local.stripe.ledger import Ledger
from local.stripe.server import RunningStripe, serve, start_in_loop, start_in_thread

__all__ = ["Ledger", "RunningStripe", "StripeConfig", "create_app", "serve", "start_in_loop", "start_in_thread"]
