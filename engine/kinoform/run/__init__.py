"""The asynchronous part: when a step starts, where it works, what is written down."""
