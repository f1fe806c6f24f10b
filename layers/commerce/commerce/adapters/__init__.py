"""The only importers of vendors' SDKs (AWS's clients, stripe): each module speaks to one outside system."""
