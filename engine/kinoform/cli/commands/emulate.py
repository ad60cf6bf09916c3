"""`kinoform emulate`: both providers on this machine, for practice and for tests."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kinoform.api.vendors import VENDORS
from kinoform.cli.options import command

if TYPE_CHECKING:
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields

_SERVICE = "kinoform.emulator.start"  # a neighbour, loaded by name like a command
_ANY = "anything"
_PIPELINE = "pipeline.yaml"


FIELDS: Fields = {
    "runware": "string: address of that API",
    "runware_ws": "string: the same as a websocket",
    "wavespeed": "string: address of that API",
    "admin": "string: address of its ledger and faults",
}


@command("emulate", prints={"--json": FIELDS})
@click.option("--host", default="127.0.0.1", metavar="ADDRESS",
              help="Where to listen; this machine only.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="PORT",
              help="Where to listen; 0 takes a free port.")  # fmt: skip
@click.option("--latency", type=click.FloatRange(min=0), default=None, metavar="S",
              help="Seconds that every task takes; else pictures 2 and clips 6.")  # fmt: skip
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0, metavar="N",
              help="Let its clock run N times as fast.")  # fmt: skip
@click.option("--seed", type=int, default=0, metavar="N",
              help="What ids, seeds and chance begin with.")  # fmt: skip
@click.option("--faults", type=click.Path(path_type=Path), default=None, metavar="FILE",
              help="A plan of what goes wrong, as YAML or JSON.")  # fmt: skip
@click.option("--no-render", is_flag=True, default=False,
              help="Give plain files of the right type and size, and draw nothing.")  # fmt: skip
@click.option("--mode", "modes", multiple=True, metavar="NAME=VALUE",
              help="Answer a question that only the providers can answer; repeatable.")  # fmt: skip
@click.option("--key", "keys", multiple=True, metavar="KEY",
              help="Take this key only; repeatable.")  # fmt: skip
def emulate(show: Show, options: Options, *, no_render: bool, **wished: Any) -> None:
    """Serve both providers' APIs on this machine: same wire, nothing costs anything.

    Ctrl-C ends it. In a project its own model files are known too.

    Example: kinoform emulate --speed 10
    """
    service = import_module(_SERVICE)
    project = options.path if (options.path / _PIPELINE).is_file() else None
    key = (*wished["keys"], _ANY)[0]
    wish = service.Wish(**wished, render=not no_render, project=project)
    service.start(wish, lambda base: _ready(show, base, key))


def _ready(show: Show, base: str, key: str) -> None:
    """Say where it is, at once, also through a pipe."""
    if show.json:
        socket = f"ws{base.removeprefix('http')}/v1"
        admin = f"{base}/_emulator"
        places = {"runware": f"{base}/v1", "runware_ws": socket, "wavespeed": base, "admin": admin}
        show.document(places)
    else:
        show.say(f"both providers answer on {base}; Ctrl-C ends it. In another terminal:")
        for name, place in (("runware", f"{base}/v1"), ("wavespeed", base)):
            vendor = VENDORS[name]
            show.line(f"export {vendor.url_variable}={place} {vendor.key_variable}={key}")
    show.out.flush()
