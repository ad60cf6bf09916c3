"""Hosted services as pure functions: what to send next, and what an answer means.

No HTTP, no clock, no file; a provider cannot spend by itself.
"""
