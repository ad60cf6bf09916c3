"""Both providers on loopback, for tests and for practice: same wire, own books, no cost."""
