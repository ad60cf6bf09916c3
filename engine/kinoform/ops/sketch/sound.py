"""A quiet bed of tones that follows from the request, one chord for each segment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.ops.sketch.dice import Dice

HERTZ = 48000
# Open intervals over a low root: nothing here can clash with itself.
_CHORDS = ((0, 7, 12, 19), (0, 7, 14, 19), (0, 5, 12, 17), (0, 7, 10, 17), (0, 4, 11, 19))


def bed(spans: Sequence[float], dice: Dice) -> str:
    """A filter graph without inputs for these spans (seconds), ending in `[sound]`."""
    root = 98.0 * 2 ** (dice.number(0, 9) / 12)
    parts = [_span(seconds, root, dice.fork(str(index))) for index, seconds in enumerate(spans)]
    total = sum(spans)
    graph = ";".join(f"{part}[s{index}]" for index, part in enumerate(parts))
    joined = "".join(f"[s{index}]" for index in range(len(parts)))
    fade = min(0.6, total / 4)
    return (
        f"{graph};{joined}concat=n={len(parts)}:v=0:a=1,lowpass=f=1400,"
        f"afade=t=in:d={fade:.3f},afade=t=out:st={total - fade:.3f}:d={fade:.3f},"
        f"apad=whole_dur={total:.6f},atrim=end={total:.6f}[sound]"
    )


def _span(seconds: float, root: float, dice: Dice) -> str:
    voices = [_voice(root * 2 ** (step / 12), dice) for step in dice.pick(_CHORDS)]
    left = "+".join(voices)
    right = "+".join(reversed([_voice(root * 2 ** (step / 12), dice) for step in (0, 7, 12)]))
    soft = min(0.25, seconds / 4)
    return (
        f"aevalsrc='{left}|{right}':s={HERTZ}:d={seconds:.6f},"
        f"afade=t=in:d={soft:.3f},afade=t=out:st={seconds - soft:.3f}:d={soft:.3f}"
    )


def _voice(pitch: float, dice: Dice) -> str:
    swell, start = dice.between(0.07, 0.23), dice.between(0, 6)
    loud = 0.055 * (196 / max(196, pitch))
    return f"{loud:.4f}*sin(2*PI*{pitch:.3f}*t)*(0.62+0.38*sin(2*PI*{swell:.3f}*t+{start:.2f}))"
