"""Plans, states and graphs as rows of plain data."""
