"""Talks to people: parses words, calls the API, prints rows."""
