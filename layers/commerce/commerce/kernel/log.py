"""The one logger. Log ids, never bodies: no personal data and no secret belongs in a log."""

from aws_lambda_powertools import Logger

logger = Logger()
