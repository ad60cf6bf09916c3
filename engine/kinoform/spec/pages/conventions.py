"""What names of parameters mean on every page: tables, and the parts of a model file they give.

A name that no table has is told as open; nothing is derived from how a name looks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kinoform.spec.pages.assembly import fields_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kinoform.spec.sizes import Row

Doc = dict[str, Any]

CLASSES = {
    "transport": "taskType taskUUID",
    "delivery": "outputType deliveryMethod ttl webhookURL uploadEndpoint includeCost"
    " enable_sync_mode enable_base64_output",
    "technical": "outputFormat outputQuality numberResults safety num_images output_format"
    " output_quality enable_safety_checker",
    "content": "inputs model positivePrompt negativePrompt prompt negative_prompt width height"
    " resolution duration providerSettings settings seed steps fps CFGScale cfg_scale size"
    " aspect_ratio image images end_image last_image video videos audio sound element_list"
    " multi_prompt shot_type result_type strength scheduler lora",
}
PORTABLE: tuple[tuple[str, tuple[str, ...], Doc], ...] = (
    ("prompt", ("positivePrompt", "prompt"), {}),
    ("image", ("inputs.image", "image"), {"silent": True}),
    ("image", ("inputs.referenceImages", "images"), {"as": "list", "silent": True}),
    ("references", ("inputs.referenceImages", "images"), {"as": "list"}),
    ("video", ("inputs.video", "video"), {}),
    ("first_frame", ("image",), {}),
    ("last_frame", ("end_image", "last_image"), {}),
    ("duration", ("duration",), {}),
    ("count", ("numberResults", "num_images"), {"silent": True}),
    ("elements", ("inputs.elements",), {"as": "list", "keys": {"frontal_image": "frontalImage"}}),
    ("elements", ("element_list",), {"as": "list", "keys": {"id": "element_id"}}),
    ("format", ("outputFormat", "output_format"), {"silent": True}),
    ("quality", ("outputQuality", "output_quality"), {"silent": True}),
)  # fmt: skip
ORDER = (
    "prompt", "size", "image", "references", "video", "first_frame", "last_frame", "duration",
    "count", "sound", "elements", "format", "quality",
)  # fmt: skip
FRAMES = "inputs.frameImages"
SOUND = ("sound", "audio", "generateAudio", "generate_audio")
TAKES = {
    "image": "image images referenceImages frontalImage end_image last_image maskImage seedImage"
    " reference_images start_image first_image",
    "video": "video videos referenceVideos reference_videos",
    "audio": "audio audios voices referenceAudios",
}
_CLIP_FIELDS = {"duration", "end_image", "last_image", FRAMES}
SAID_FORMS = {"uuid": "uuid", "url": "url", "data uri": "data", "base64": "data"}
ALL_FORMS = ("artifact", "file", "url", "data", "uuid")
FORMATS = {
    "JPG": "image/jpeg", "JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp",
    "MP4": "video/mp4", "WEBM": "video/webm", "MOV": "video/quicktime",
}  # fmt: skip
USUAL = {"image": "image/png", "video": "video/mp4"}
FPS = 24
_INPUT = re.compile(r"\((?=[^()]*\b(?:URL|UUID)\b)[^()]*\)")
_FOLLOWS = re.compile(r"dimensions and duration (?:match|follow) the input", re.IGNORECASE)
_SHAPED = re.compile(r"match(?:es|ing)? the aspect ratio (?:from|of) the input", re.IGNORECASE)


def _words(table: Mapping[str, str]) -> dict[str, str]:
    return {word: key for key, words in table.items() for word in words.split()}


_CLASS_OF, _TAKES_OF = _words(CLASSES), _words(TAKES)


def classes(request: Doc, open_: list[str]) -> Doc:
    """The class of each top-level field; an unknown name is content until a person says more."""
    found = {}
    for name in request["properties"]:
        found[name] = _CLASS_OF.get(name, "content")
        if name not in _CLASS_OF:
            open_.append(f"class of `{name}`: content is assumed, so that it is part of the key")
    return found


def portable(request: Doc, table: Sequence[Row], open_: list[str]) -> Doc:
    """The portable names that have a place, in the usual order."""
    paths = {path for path, _ in fields_in(request)}
    found: Doc = {}
    for name, places, row in PORTABLE:
        place = next((path for path in places if path in paths), None)
        if place and name not in found:
            found[name] = {"to": place, **row}
    if size := _size(paths, table):
        found["size"] = size
    found |= _frames(dict(fields_in(request)))
    if not paths & _CLIP_FIELDS:
        found.pop("first_frame", None)
    if sound := sound_field(dict(fields_in(request))):
        found["sound"] = {"to": sound}
    _drop_homonyms(request, found, open_)
    return {name: found[name] for name in ORDER if name in found}


def _size(paths: set[str], table: Sequence[Row]) -> Doc | None:
    if not table:
        return None
    if {"width", "height"} <= paths:
        return {"as": "size", "to": {"width": "width", "height": "height"}}
    if {"resolution", "aspect_ratio"} <= paths:
        return {"as": "size", "to": {"resolution": "tier", "aspect_ratio": "ratio"}}
    return None


def _frames(fields: Mapping[str, Doc]) -> Doc:
    """First and last frame as items of a list of frames that have a place."""
    values = fields.get(f"{FRAMES}[*].frame", {}).get("enum", ())
    places = {"first_frame": ("first", 0), "last_frame": ("last", -1)}
    return {
        name: {
            "as": "item",
            "to": FRAMES,
            "under": "image",
            "mark": {"frame": same[0]},
            "same": [value for value in same if value in values],
        }
        for name, same in places.items()
        if same[0] in values
    }


def _drop_homonyms(request: Doc, found: Doc, open_: list[str]) -> None:
    """A native name that equals a portable one must mean the same: plainly, or not at all."""
    for name in [name for name in ORDER if name in request["properties"]]:
        row = found.get(name)
        if row and row["to"] == name:
            found[name] = {"to": name}
        else:
            found.pop(name, None)
            open_.append(f"portable `{name}`: the model has a parameter of this name")


def media(request: Doc, open_: list[str]) -> Doc:
    """The fields that take media: by name, or because their text says in which form."""
    found = {}
    for path, schema in fields_in(request):
        if schema.get("type") != "string" or "enum" in schema or "const" in schema:
            continue
        name = path.removesuffix("[*]").rsplit(".", 1)[-1]
        said = _said_forms(request, path)
        kind = _TAKES_OF.get(name)
        if not kind and not said:
            continue
        if not kind:
            open_.append(f"media of `{path}`: it takes media of a kind that is not known")
        found[path] = {"takes": [kind or "any"], "forms": said or _usual_forms(request)}
    if found:
        names = ", ".join(f"`{path}`" for path in found)
        open_.append(f"limits of media: sides, bytes and seconds are not printed ({names})")
    return found


def _said_forms(request: Doc, path: str) -> list[str]:
    """The forms in the brackets of its own text or of its list's: `(UUID, URL, or Base64)`."""
    fields = dict(fields_in(request))
    texts = [fields[p].get("description", "") for p in (path, path.removesuffix("[*]"))]
    match = next((m for m in map(_INPUT.search, texts) if m), None)
    if not match:
        return []
    forms = {form for word, form in SAID_FORMS.items() if word in match[0].lower()}
    return [form for form in ALL_FORMS if form in {*forms, "artifact", "file"}]


def _usual_forms(request: Doc) -> list[str]:
    upload = "taskUUID" in request["properties"]
    return [form for form in ALL_FORMS if form != "uuid" or upload]


def outputs(request: Doc, kind: str, table: Sequence[Row], open_: list[str]) -> Doc:
    """What a request gives, as far as parameters say it."""
    fields = dict(fields_in(request))
    found: Doc = {}
    count = next((name for name in ("numberResults", "num_images") if name in fields), None)
    found |= {"count": count} if count else {}
    found["media"] = [_media_type(fields, kind, open_)]
    found |= {"size": size} if (size := list(_sizes(fields, table))) else {}
    if kind == "video":
        found |= _clip(fields, open_)
    return found


def _media_type(fields: Mapping[str, Doc], kind: str, open_: list[str]) -> Doc:
    for name in ("outputFormat", "output_format"):
        values = fields.get(name, {}).get("enum", ())
        known = {value: FORMATS[value.upper()] for value in values if value.upper() in FORMATS}
        if known:
            return {"from": "field", "path": name, "map": known}
    open_.append(f"outputs: the media type is not printed; {USUAL.get(kind, 'bytes')} is assumed")
    value = USUAL.get(kind, "application/octet-stream")
    return {"from": "const", "value": value, "inferred": True}


def _sizes(fields: Mapping[str, Doc], table: Sequence[Row]) -> Iterator[Doc]:
    if _FOLLOWS.search(fields.get("inputs.video", {}).get("description", "")):
        yield {"from": "follow", "path": "inputs.video", "fact": "size"}
    if "width" in fields and "height" in fields:
        yield {"from": "pair", "paths": ["width", "height"]}
    if not table:
        return
    if f"{FRAMES}[*].image" in fields:
        yield {"from": "nearest", "path": f"{FRAMES}[*].image", "inferred": True}
    images = "inputs.referenceImages[*]"
    if images in fields and _SHAPED.search(fields.get("resolution", {}).get("description", "")):
        yield {"from": "nearest", "path": images, "tier": "resolution", "inferred": True}
    if "resolution" in fields and "aspect_ratio" in fields:
        columns = {"tier": "resolution", "ratio": "aspect_ratio"}
        yield {"from": "row", "columns": columns, "inferred": True}


def _clip(fields: Mapping[str, Doc], open_: list[str]) -> Doc:
    follows = _FOLLOWS.search(fields.get("inputs.video", {}).get("description", ""))
    seconds: list[Doc] = (
        [{"from": "follow", "path": "inputs.video", "fact": "seconds"}] if follows else []
    )
    if "duration" in fields:
        seconds.append({"from": "field", "path": "duration"})
    else:
        open_.append("outputs: the page does not say how long a clip is")
    found: Doc = {"seconds": seconds} if seconds else {}
    if "fps" in fields:
        found["fps"] = [{"from": "field", "path": "fps"}]
    else:
        open_.append(f"outputs: the frame rate is not printed; {FPS} is assumed")
        found["fps"] = [{"from": "const", "value": FPS, "inferred": True}]
    if sound := sound_field(fields):
        found["audio"] = [{"from": "field", "path": sound}]
    else:
        open_.append("outputs: the page does not say whether a clip has sound")
    return found


def sound_field(fields: Mapping[str, Doc]) -> str | None:
    """The field that switches sound on, wherever it stands."""
    switches = (path for path, schema in fields.items() if schema.get("type") == "boolean")
    return next((path for path in switches if path.rsplit(".", 1)[-1] in SOUND), None)
