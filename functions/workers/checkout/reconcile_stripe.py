"""Schedule rate(1 hour): apply the events that Stripe could not deliver to the webhook."""

from commerce.checkout import sweeping
from commerce.entrypoints.workers import scheduled

handler = scheduled(sweeping.reconcile_stripe, worker="reconcile-stripe")
