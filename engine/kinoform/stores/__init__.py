"""Where bytes, records and disposable facts live on disk."""
