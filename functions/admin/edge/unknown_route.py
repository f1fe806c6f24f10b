"""$default: answer calls of addresses that do not exist."""

from commerce.entrypoints.http import storefront

api = storefront()

handler = api.handler
