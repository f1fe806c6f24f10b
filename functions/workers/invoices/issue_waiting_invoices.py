"""Schedule rate(1 hour): issue what could not be issued when it was its time."""

from commerce.entrypoints.workers import scheduled
from commerce.invoices import operations

handler = scheduled(operations.issue_waiting, worker="invoices.issue_waiting_invoices")
