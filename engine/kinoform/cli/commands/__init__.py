"""One file for each command: read the words, ask `api`, hand rows to `Show`."""
