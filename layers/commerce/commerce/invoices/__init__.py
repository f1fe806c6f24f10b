"""Invoices: invoices and credit notes, numbered without gaps, frozen when they are issued, and shown as PDF."""
