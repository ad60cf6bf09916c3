"""Somebody presses Ctrl-C while this is loaded."""

import signal

signal.raise_signal(signal.SIGINT)
