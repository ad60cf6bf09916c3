"""How a time grows with a graph, as a drawing: both axes logarithmic, a line for each tool. Pure."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Curve: TypeAlias = "Sequence[tuple[int, float]]"  # steps, seconds

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _FOOT = 760, 420, 64, 190, 24, 48
_STEPS, _SECONDS = (2.0, 6.05), (-2.7, 2.3)  # powers of ten
_INKS = ("#c2410c", "#0f766e", "#57534e", "#a8a29e", "#7c3aed", "#0369a1")


def drawing(curves: Mapping[str, Curve]) -> str:
    """An SVG of these curves, for a light and a dark page."""
    inner = [*_grid(), *(part for each in enumerate(curves.items()) for part in _line(*each))]
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    style = 'font-family="sans-serif" font-size="13"'
    paper = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fafaf9"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    return "\n".join([head, paper, *inner, "</svg>", ""])


def _x(steps: float) -> float:
    low, high = _STEPS
    return _LEFT + (log10(steps) - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)


def _y(seconds: float) -> float:
    low, high = _SECONDS
    return _HEIGHT - _FOOT - (log10(seconds) - low) / (high - low) * (_HEIGHT - _TOP - _FOOT)


def _grid() -> Iterator[str]:
    left, right, foot = _LEFT, _WIDTH - _RIGHT, _HEIGHT - _FOOT
    for power in range(2, 7):
        x = _x(10**power)
        yield f'<path d="M{x:.1f} {_TOP}V{foot}" stroke="#e7e5e4"/>'
        yield _text(x, foot + 20, f"{10**power:,}", "middle")
    for power in range(-2, 3):
        y = _y(10.0**power)
        yield f'<path d="M{left} {y:.1f}H{right}" stroke="#e7e5e4"/>'
        yield _text(left - 8, y + 4, f"{10.0**power:g} s", "end")
    yield _text((left + right) / 2, _HEIGHT - 8, "steps", "middle")


def _line(number: int, named: tuple[str, Curve]) -> Iterator[str]:
    name, curve = named
    ink = _INKS[number % len(_INKS)]
    places = [(_x(steps), _y(seconds)) for steps, seconds in curve]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    yield f'<path d="M{path}" fill="none" stroke="{ink}" stroke-width="2"/>'
    for x, y in places:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ink}"/>'
    place = _TOP + 20 + 22 * number
    left = _WIDTH - _RIGHT + 16
    yield f'<path d="M{left} {place - 4}h18" stroke="{ink}" stroke-width="3"/>'
    yield _text(left + 24, place, name, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#292524">{text}</text>'
