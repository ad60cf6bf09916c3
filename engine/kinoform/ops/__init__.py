"""Local operations, one file each: ffmpeg and Pillow behind typed parameters."""
