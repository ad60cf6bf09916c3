"""Reads YAML bytes into a plain tree with places: limits first, no node tree, every fault at once.

Knows YAML and nothing of pipelines. PyYAML's events are taken one by one, so that a hostile file
is refused while it is read, before it can grow.
"""

from __future__ import annotations

import gc
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kinoform.core.errors import Problem, SpecError, in_order
from kinoform.spec.scalars import NumberError, is_text, plain
from kinoform.spec.syntax import CONTROL, QUOTES, control, explain, unquoted_template
from kinoform.spec.tree import Map, Seq, Source, shown, text_where, where, where_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Map",
    "Seq",
    "Source",
    "check_size",
    "collector_paused",
    "parse",
    "read",
    "read_most",
    "read_source",
    "text_where",
    "where",
    "where_key",
]

MAX_BYTES = 64 * 1024 * 1024
MAX_LINES = 2_000_000
MAX_NODES = 1_000_000
MAX_DEPTH = 64
MAX_ALIASES = 1_000
MAX_GROWTH = 10
FREE_NODES = 10_000
MAX_FAULTS = 200

# A source-built PyYAML may lack the C parser; its own gives the same events, ten times slower.
_LOADERS: Final = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SWITCHES = frozenset({"yes", "Yes", "no", "No", "on", "On", "off", "Off"})


class _Merge(str):
    """The bare key `<<`, told by identity from a quoted one, which is a key like any other."""

    __slots__ = ()


_MERGE: Final = _Merge("<<")


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection: building a large tree makes no garbage and 2/3 of the time is that."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def read(name: str, data: bytes, *, pure: bool = False) -> Any:
    """The tree of one YAML document: Map, Seq, text, int, float, bool or None (empty file).

    `name` stands in every place. `pure` takes PyYAML's own parser. Raises SpecError.
    """
    return read_source(Source(name, data), pure=pure)


def read_source(source: Source, *, pure: bool = False) -> Any:
    """The same for a source at hand, whose `notes` are filled. Raises SpecError."""
    tree, problems = read_most(source, pure=pure)
    if problems:
        raise SpecError(in_order(problems))
    return tree


def read_most(source: Source, *, pure: bool = False) -> tuple[Any, list[Problem]]:
    """The tree, and what is wrong in it: for who can use a faulty one.

    Raises SpecError where reading could not go on.
    """
    check_size(source)
    return parse(source, pure=pure)[:2]


def parse(source: Source, *, pure: bool = False) -> tuple[Any, list[Problem], int]:
    """The same for a source that is not too large; and how many values it has."""
    with collector_paused():
        builder: _Builder | None = None
        try:
            loader = _LOADERS[pure](source.data)
            try:
                builder = _Builder(source, loader)
                tree = builder.document()
            finally:
                loader.dispose()
        # The pure parser lets ValueError and OverflowError of int() and chr() through.
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            raise _all(builder, explain(error, source)) from None
    return tree, builder.problems, builder.nodes


def check_bytes(file: str, size: int) -> Problem | None:
    """The problem of a file that is too large to be read, if it is."""
    if size <= MAX_BYTES:
        return None
    message = f"{file} has {size:,} bytes; a file has at most {MAX_BYTES:,}"
    return Problem("file-too-large", message, Source(file, b"").place(0), "split it: use include")


def check_size(source: Source) -> None:
    """Refuse what is too large, or no UTF-8 at first sight. Raises SpecError."""
    if source.data[:2] in _UTF16:  # which PyYAML would take
        raise SpecError(explain(ValueError(), source))
    problem = check_bytes(source.file, len(source.data))
    if problem:
        raise SpecError(problem)
    lines = source.data.count(b"\n")
    if lines > MAX_LINES:
        message = f"{source.file} has {lines:,} lines; a file has at most {MAX_LINES:,}"
        where = Source(source.file, b"").place(0)
        raise SpecError(Problem("file-too-large", message, where, "split it: use include"))


def _all(builder: _Builder | None, last: Problem) -> SpecError:
    """What was found before, and what ended the reading; one template gives one problem."""
    earlier = builder.problems if builder else []
    if last.where and any(
        p.code == "unquoted-template" and p.where and p.where.line == last.where.line
        for p in earlier
    ):
        return SpecError(in_order(earlier))
    return SpecError(in_order([*earlier, last]))


class _Builder:
    """One pass over the events of one document."""

    def __init__(self, source: Source, loader: Any) -> None:
        self.source = source
        self.get = loader.get_event
        self.problems: list[Problem] = []
        self.depth = self.nodes = self.extra = self.aliases = 0
        self.anchors: dict[str, tuple[Any, int] | None] = {}
        self.unused: dict[str, tuple[int, str]] = {}
        self.words: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self.kinds: dict[type, Any] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.mapping,
            SequenceStartEvent: self.sequence,
        }

    def document(self) -> Any:
        """The value of the only document."""
        self.get()  # the start of the stream
        if type(self.get()) is StreamEndEvent:
            return None
        tree = self.node(self.get())
        while not isinstance(event := self.get(), StreamEndEvent):
            if isinstance(event, DocumentStartEvent):
                self.stop("several-documents", "a file holds one document", event, "remove `---`")
        self.check_growth(MAX_GROWTH * self.nodes)
        for offset, word in self.unused.values():
            self.source.notes.append((offset, "unused-anchor", word))
        return tree

    def node(self, event: Any) -> Any:
        """The value that begins with this event."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop("too-many-nodes", f"a file has at most {MAX_NODES:,} values", event)
        kind = type(event)
        if kind is AliasEvent:
            return self.alias(event)
        if event.tag is not None:
            self.refuse_tag(event)
        build = self.kinds[kind]
        return build(event) if event.anchor is None else self.anchored(event, build)

    def scalar(self, event: Any) -> Any:
        """The value of one scalar."""
        text = event.value
        if not event.implicit[0]:
            if event.style == '"' and not text.isprintable() and CONTROL.search(text):
                self.refuse_control(event)
            return text
        # Longer in the file than its text: several lines, an anchor, or a lost `!`.
        if event.end_mark.index - event.start_mark.index != len(text):
            self.look_at(event)
        if text in self.words:
            return self.words[text]
        return self.typed(text, event)

    def typed(self, text: str, event: Any) -> Any:
        """A bare scalar by the table of `scalars`; each text is judged once."""
        try:
            value = plain(text)
        except NumberError as error:
            self.add("unusable-number", f"{shown(text)}: {error}", event, "put text in quotes")
            return text
        if text in _SWITCHES and len(self.source.notes) < MAX_FAULTS:
            self.source.notes.append((event.start_mark.index, "boolean-word", text))
        else:
            self.words[text] = value
        return value

    def look_at(self, event: Any) -> None:
        """A lone `!` before bare text, which the C parser drops without a word."""
        offset = event.start_mark.index
        if event.anchor is None and self.source.at(offset) == "!":
            self.refuse_tag(event)

    def mapping(self, start: Any) -> Map:
        """A map, with merged entries after its own."""
        self.enter(start)
        get, node, names = self.get, self.node, self.names
        tree = Map(self.source, start.start_mark.index)
        place = tree.places.append
        merged: list[Any] = []
        while (kind := type(event := get())) is not MappingEndEvent:
            name = names.get(event.value) if kind is ScalarEvent and event.tag is None else None
            if name is None or event.anchor is not None:
                name = self.key(event, tree)
            value_event = get()
            value = node(value_event)
            if name is _MERGE:
                merged.append((value, value_event))
            elif name is None:
                continue
            elif name in tree:
                self.duplicate(tree, name, event)
            else:
                tree[name] = value
                place(event.start_mark.index)
                place(value_event.start_mark.index)
        self.depth -= 1
        if merged:
            self.merge(tree, merged)
        return tree

    def key(self, event: Any, tree: Map) -> str | None:
        """The text of a key, the merge sign itself, or None when it is refused."""
        before, notes = len(self.problems), len(self.source.notes)
        value = self.node(event)
        del self.source.notes[notes:]  # `on:` as a key misleads nobody
        bare = type(event) is ScalarEvent and event.implicit[0]
        if bare and event.value == _MERGE:
            return _MERGE
        if not isinstance(value, str):
            self.refuse_key(event, tree)
            return None
        if "{{" in value or "{%" in value:
            self.add("template-in-key", "keys are not templates", event, "write the key out")
        name = unicodedata.normalize("NFC", value)
        if len(self.problems) == before and is_text(value) and value != _MERGE:
            self.names[value] = name
        return name

    def sequence(self, start: Any) -> Seq:
        """A list."""
        self.enter(start)
        get, node = self.get, self.node
        tree = Seq(self.source, start.start_mark.index)
        while type(event := get()) is not SequenceEndEvent:
            tree.places.append(event.start_mark.index)
            tree.append(node(event))
        self.depth -= 1
        return tree

    def enter(self, event: Any) -> None:
        """One level deeper."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.stop("too-deep", f"values are nested at most {MAX_DEPTH} deep", event)

    def anchored(self, event: Any, build: Any) -> Any:
        """A value with a name for later use."""
        name, before = event.anchor, self.nodes + self.extra
        self.anchors[name] = None  # still open: an alias to it now would contain itself
        value = build(event)
        self.anchors[name] = (value, self.nodes + self.extra - before + 1)
        if isinstance(value, str) and event.implicit[0]:
            self.unused[name] = (event.start_mark.index, name)
        return value

    def alias(self, event: Any) -> Any:
        """The value that a name stands for; the tree shares it."""
        self.aliases += 1
        if self.aliases > MAX_ALIASES:
            self.stop("too-many-aliases", f"a file uses `*` at most {MAX_ALIASES:,} times", event)
        name = event.anchor
        self.unused.pop(name, None)
        known = self.anchors.get(name, ("", 1))
        if name not in self.anchors:
            message = f"nothing is named `&{shown(name)[1:]} above"
            hint = f"for text that begins with *: {QUOTES}"
            self.add("unknown-anchor", message, event, hint)
        if known is None:
            self.stop("recursive-alias", "this value would contain itself", event)
        value, size = known
        self.extra += size - 1
        return value

    def merge(self, tree: Map, merged: list[Any]) -> None:
        """Entries of other maps under the own ones; an earlier map of a list wins."""
        value, event = merged[0]
        if len(merged) > 1:
            hint = "write one: `<<: [*one, *two]`"
            self.add("duplicate-key", "`<<` stands twice in this map", merged[1][1], hint)
        for other in value if isinstance(value, Seq) else [value]:
            if not isinstance(other, Map):
                self.add("bad-merge", "`<<` takes a map", event, "write `<<: *name`")
                continue
            self.extra += len(other)
            self.check_growth(max(MAX_GROWTH * self.nodes, 10 * FREE_NODES), event)
            for name in other:
                if name not in tree:
                    tree.take(name, other)

    def check_growth(self, most: int, event: Any = None) -> None:
        """Refuse aliases that stand for far more than is written."""
        if self.nodes + self.extra > max(most, FREE_NODES):
            message = (
                f"aliases make this file more than {MAX_GROWTH} times as large as it is written"
            )
            self.stop("alias-growth", message, event)

    def duplicate(self, tree: Map, name: str, event: Any) -> None:
        """The same key twice in one map."""
        first = self.source.place(tree.places[2 * list(tree).index(name)])
        message = f"the key {shown(name)} is here and in line {first.line}, column {first.col}"
        self.add("duplicate-key", message, event, "keep one of them")

    def refuse_key(self, event: Any, tree: Map) -> None:
        """A key that is no text."""
        offset = event.start_mark.index
        inner = type(event) is MappingStartEvent and offset == tree.offset + 1
        if inner and self.source.at(tree.offset, 2) == "{{":
            self.problems.append(unquoted_template(self.source, tree.offset))
        elif self.problems and self.problems[-1].code == "unquoted-template":
            return  # a template as a key is a map as a key of a map as a key
        elif type(event) is ScalarEvent and event.value:
            message = f"the key {shown(event.value)} is no text"
            self.add(
                "key-not-text", message, event, f'put it in quotes: "{shown(event.value)[1:-1]}"'
            )
        else:
            self.add("key-not-text", "a key is text", event, "write `key: value`")

    def refuse_tag(self, event: Any) -> None:
        """Any tag, even a harmless one: types come from the table and from model files."""
        tag = f"the tag {shown(event.tag)}" if event.tag else "the tag `!`"
        hint = f"remove it; for text that begins with !: {QUOTES}"
        self.add("tag", f"tags are refused: {tag}", event, hint)

    def refuse_control(self, event: Any) -> None:
        """An escape that makes a character which no file may hold."""
        found = CONTROL.search(event.value)
        char = found.group() if found else "\0"
        self.problems.append(control(self.source, event.start_mark.index, char))

    def add(self, code: str, message: str, event: Any, hint: str = "") -> None:
        """One more fault; reading goes on."""
        where = self.source.place(event.start_mark.index)
        self.problems.append(Problem(code, message, where, hint))
        if len(self.problems) > MAX_FAULTS:
            raise SpecError(in_order(self.problems))

    def stop(self, code: str, message: str, event: Any, hint: str = "") -> NoReturn:
        """A fault after which reading on would be pointless or dangerous."""
        where = self.source.place(event.start_mark.index if event else 0)
        raise SpecError(in_order([*self.problems, Problem(code, message, where, hint)]))
