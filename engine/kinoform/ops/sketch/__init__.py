"""The draft renderer: storyboard panels and animatics that follow from a request alone."""

from __future__ import annotations

from kinoform.ops.sketch.render import perform

__all__ = ["perform"]
