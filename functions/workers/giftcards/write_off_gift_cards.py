"""Schedule rate(24 hours): write off what is left on gift cards that expired 90 days ago."""

from commerce.entrypoints.workers import scheduled
from commerce.giftcards import expiry

handler = scheduled(expiry.write_off, worker="gift_cards.write_off")
