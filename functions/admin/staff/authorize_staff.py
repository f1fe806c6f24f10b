"""Lambda authorizer: let staff keys in."""

from commerce.entrypoints.authorizer import authorize

handler = authorize
