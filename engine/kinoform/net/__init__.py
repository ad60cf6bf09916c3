"""HTTP: one client per provider that knows its key, and a downloader that knows none."""
