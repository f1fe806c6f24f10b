"""Notifications: what shoppers and the merchant are told by mail, once per event."""
