"""The only importers of vendor SDKs (boto3, stripe): each module speaks to one outside system."""
