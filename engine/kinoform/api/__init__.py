"""The composition root: the one floor that knows every room."""
