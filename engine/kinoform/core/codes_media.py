"""Rules about media files and the tools that read them, by problem code; sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "no-ffmpeg": "Clips need an ffmpeg program: KINOFORM_FFMPEG, the bundled one, or one on PATH.",
    "ffmpeg-failed": "ffmpeg refused this work or ended with an error.",
    "tool-timeout": "A tool that takes longer than its limit is stopped with all its children.",
    "bad-media": "A media file must be whole and readable as the type that it is declared to be.",
    "media-type": "An operation takes only the media types that it names.",
    "picture-too-large": "A picture has at most 50 million pixels.",
    "op-param": "A parameter of a local operation must be present and of its documented shape.",
    "beyond-end": "A frame is taken from within the length of its clip.",
}
