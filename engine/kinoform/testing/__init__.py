"""Fakes, and the suites that every implementation of a port must pass."""
