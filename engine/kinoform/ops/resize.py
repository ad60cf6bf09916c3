"""`local/resize`: a picture at another size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import PIL

from kinoform.core.types import Facts
from kinoform.ops import pictures
from kinoform.ops.params import blob, choice, fault, misuse, path_of, short, size, text
from kinoform.ports import Made

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kinoform.core.types import Action

_OWN = {media: name for name, media in pictures.MEDIA.items()}


def perform(action: Action, files: Mapping[str, Path], out: Path) -> tuple[Made, ...]:
    """Bring `image` to `size`: fit inside it, fill it, or pad it with `background`.

    Raises:
        OpError: a parameter breaks its rule, or `image` is no readable picture.
    """
    params = action.params
    source = blob(params, "image")
    if not pictures.is_picture(source.media):
        raise fault("media-type", f"image must be a picture, not {short(source.media)}",
                    "cut a still out of a clip with local/frame", "image")  # fmt: skip
    wanted = size(params, "size")
    if wanted is None:
        raise misuse("size", '"WIDTHxHEIGHT" in pixels', None)
    if wanted[0] * wanted[1] > pictures.LARGEST:
        raise misuse("size", "at most 50 million pixels", params["size"])
    how = choice(params, "fit", ("fit", "fill", "pad"), "fill")
    name = choice(params, "format", tuple(pictures.MEDIA), _OWN.get(source.media, "PNG"))
    ground = pictures.colour(text(params, "background", "black"))
    image = pictures.load(path_of(files, source))
    if how == "pad" or name == "JPG":
        image = pictures.flat(image, ground)
    done = pictures.fitted(image, wanted, how, ground)
    target = out / f"image{pictures.SUFFIX[pictures.MEDIA[name]]}"
    pictures.save(done, target, pictures.MEDIA[name])
    return (Made(target, pictures.MEDIA[name], Facts(*done.size), f"pillow {PIL.__version__}"),)
