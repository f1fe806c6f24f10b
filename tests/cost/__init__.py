"""What the store costs: units of DynamoDB by AWS's own rules, calls, invocations, and their price."""
