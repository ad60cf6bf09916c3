"""Four secrets of one user, and every place in which one of them could turn up.

What is looked for is made here and not with the product's own masking, which is what is tested.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from crash_course import BOTH, Course
from forty_faults import FAULTS
from hurried import TABLE
from patrons import Said, said

from kinoform.api.services import services
from kinoform.api.settings import user_settings
from kinoform.cli.options import command
from kinoform.core.secret import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hurried import Clock

    from emulator import Emulator
    from kinoform.cli.options import Options
    from kinoform.cli.show import Show

RUNWARE, WAVESPEED = "canary+runware/3f9A==Zq", "canary+wavespeed/71cB==Xw"
FILED, PROXY = "canary+filed/88dC==Yv", "canary/proxy+5eE==Uu"
SECRETS: Final = (RUNWARE, WAVESPEED, FILED, PROXY)
_CORE: Final = 10  # letters of base64 below which chance would find them


def needles(secret: str) -> set[bytes]:
    """Every form in which it would be a leak."""
    raw = secret.encode()
    forms = {secret, quote(secret, safe=""), quote(secret, safe="").lower(), quote_plus(secret)}
    forms |= {json.dumps(secret)[1:-1], raw.hex(), secret[::-1]}
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        core = text[4 if before else 0 : len(text) // 4 * 4 - 4]
        forms |= {core, core.translate(str.maketrans("+/", "-_")), quote(core, safe="")}
    return {form.encode() for form in forms if len(form) >= _CORE}


NEEDLES: Final = {needle: secret for secret in SECRETS for needle in needles(secret)}


@command("burst")
def burst(show: Show, options: Options) -> int:
    """A fault of our own that quotes everything it can lay hands on."""
    user = user_settings(os.environ)
    held = services(user, os.environ)
    carriers = [service.carrier for service in held.ready.values()]
    raise RuntimeError(f"{user!r} {user} {held!r} {held} {carriers}")


TABLE["burst"] = ("canaries:burst", "")


@dataclass
class Cage:
    """One user with the four secrets, and what was found of them."""

    emulator: Emulator
    clock: Clock
    folder: Path
    name: str
    filed: bool = False
    proxied: bool = False
    found: list[str] = field(default_factory=list)
    places: int = 0
    hidden: int = 0  # places in which something was masked

    def __post_init__(self) -> None:
        self.course = Course(self.folder / self.name, self.emulator, self.clock, BOTH, self.name)
        environ = self.course.environ
        environ["RUNWARE_API_KEY"] = RUNWARE
        environ["KINOFORM_CASSETTE"] = f"record:{self.course.folder / 'tape'}"
        if self.filed:
            del environ["WAVESPEED_API_KEY"]
            file = self.folder / f"{self.name}.key"
            file.write_text(FILED + "\n", encoding="utf-8")
            file.chmod(0o600)
            environ["WAVESPEED_API_KEY_FILE"] = str(file)
        else:
            environ["WAVESPEED_API_KEY"] = WAVESPEED
        if self.proxied:
            port = self.emulator.base.rpartition(":")[2]
            hidden = f"http://ana:{quote(PROXY, safe='')}@127.0.0.1:{port}"
            environ["KINOFORM_RUNWARE_URL"] = "https://provider.invalid/v1"
            environ["KINOFORM_RUNWARE_PROXY"] = hidden

    def run(self, *words: str) -> Said:
        """Run a command, and look at what it says."""
        heard = said(self.course, *words)
        shown = " ".join(words)
        self._look(f"stdout of {shown}", heard.out.encode())
        self._look(f"stderr of {shown}", heard.err.encode())
        return heard

    def search(self) -> None:
        """Look at every file that the user has now, names too."""
        for path in self.course.folder.rglob("*"):
            self._look(f"the name of {path}", str(path.relative_to(self.folder)).encode())
            if path.is_file():
                self._look(str(path), path.read_bytes())

    def _look(self, where: str, data: bytes) -> None:
        self.places += 1
        self.hidden += HIDDEN.encode() in data
        low = data.lower()
        for needle, secret in NEEDLES.items():
            if needle in data or needle.lower() in low:
                self.found.append(f"{secret} in {where} of {self.name}: {needle!r}")


WORDS: Final[tuple[tuple[str, ...], ...]] = (("--json",), ("--events", "jsonl"), ())


def tour(cage: Cage, number: int) -> None:
    """A run that meets its faults, another one, and everything that tells of them."""
    root = str(cage.course.root)
    for each in (number, number + 1):
        cage.run("run", root, "--max-cost", "10", *WORDS[each % len(WORDS)])
    cage.run("pending", root, *WORDS[number % 2 * 2])
    cage.run("cost", root, *WORDS[number % 2 * 2])
    cage.run("doctor", *WORDS[number % 2 * 2])
    if number % 4 == 0:
        cage.run("burst")
        cage.course.environ["KINOFORM_DEBUG"] = "1"
        cage.run("burst")
        del cage.course.environ["KINOFORM_DEBUG"]
    cage.search()


_POINTS: Final = (
    "connect", "submit-before-billing", "submit-after-billing", "poll", "list", "upload", "account",
)  # fmt: skip
_LOST: Final = {"point": "submit-after-billing", "provider": "wavespeed", "fault": "drop"}
# At these a run hears the secret. Of an account a balance is read and nothing is repeated, and what
# this film takes in is small enough to need no upload.
_HEARD: Final = tuple(f"echo at {point}" for point in _POINTS if point not in ("upload", "account"))
Plan = tuple[str, tuple["Mapping[str, Any]", ...], bool]


def echoes() -> Iterator[Plan]:
    """Every point and a few statuses at which a careless server, or a proxy, quotes the secret."""
    for status in (400, 401, 500):
        for point in _POINTS:
            rule = {"point": point, "fault": {"echo": {"status": status}}, "times": 2}
            lost = (_LOST,) if point == "list" else ()  # only who lost an answer asks for a list
            yield f"echo at {point} {status}", (*lost, rule), False
    for status in (200, 403, 407, 502):
        rule = {"point": "connect", "fault": {"echo": {"status": status}}}
        yield f"echo of a proxy {status}", (rule,), True


def plans() -> Iterator[Plan]:
    """All of them, and then every fault of the wire, of some also with a proxy on the way."""
    yield from echoes()
    for number, fault in enumerate(FAULTS):
        if fault.name != "a task that is forgotten":  # takes hours
            yield fault.name, fault.rules, False
            if number % 2:
                yield f"{fault.name}, by proxy", fault.rules, True


def unheard(cage: Cage, plan: Plan) -> list[str]:
    """The plan's name, if the secret was quoted to a run and yet nowhere something is masked."""
    return [plan[0]] if plan[0].startswith(_HEARD) and not cage.hidden else []


def kept(emulator: Emulator, clock: Clock, folder: Path, plan: Plan, number: int) -> Cage:
    """What was found of the secrets in one such run and around it."""
    name, rules, proxied = plan
    plain = "".join(letter if letter.isalnum() else "-" for letter in name)
    cage = Cage(emulator, clock, folder, f"{number}-{plain}", number % 2 == 1, proxied)
    emulator.faults(*rules)
    tour(cage, number)
    return cage
