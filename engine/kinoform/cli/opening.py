"""From the common words to an opened project, and back to the words that say the same again."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kinoform.api.project import Project
from kinoform.api.services import absent, downloads, known, services
from kinoform.api.setting import Hosted, Setting
from kinoform.api.settings import user_settings
from kinoform.api.urls import is_near
from kinoform.core.classes import dataclass
from kinoform.core.errors import Problem, UsageError
from kinoform.spec.fan import MAX_INSTANCES
from kinoform.views.words import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kinoform.api.planning import Planned
    from kinoform.cli.options import Options


@dataclass(frozen=True, slots=True)
class Opened:
    """A project with how it was opened."""

    project: Project
    setting: Setting


def opened(options: Options, max_steps: int = MAX_INSTANCES, *, frozen: bool = False) -> Opened:
    """The project that the common words name. Raises UsageError, EnvError."""
    setting = replace(setting_of(options, max_steps), frozen=frozen)
    try:
        return Opened(Project.open(options.path, setting), setting)
    except UsageError as error:
        raise _mistyped(options, error) from None


def setting_of(options: Options, max_steps: int = MAX_INSTANCES) -> Setting:
    """How everything is opened for this user. Raises UsageError for settings that are wrong."""
    user = user_settings(os.environ)
    have = known(user, os.environ)
    hosted = Hosted(
        frozenset(name for name, there in have.items() if there),
        lambda names: services(user, os.environ, names),
        absent(user, os.environ),
    )
    return Setting(
        profile=options.profile,
        variables=options.vars,
        draft=options.draft,
        hosted=hosted,
        budget=user.budget,
        max_steps=max_steps,
        # A local provider serves its results from this machine, and whoever set it up media as well.
        downloads=partial(downloads, loopback=any(is_near(p.url) for p in user.providers.values())),
    )


def _mistyped(options: Options, error: UsageError) -> UsageError:
    """A first word that is no folder was taken for a target: say both, when there is no project."""
    (problem, *_) = error.problems
    if problem.code != "no-pipeline" or not options.targets or str(options.path) != ".":
        return error
    first = options.targets[0]
    said = f"{first} is no file or folder here, and {problem.message}"
    return UsageError(replace(problem, message=said))


def no_providers(planned: Planned, setting: Setting) -> list[Problem]:
    """A note on each provider that is wanted and cannot be asked, as it has no key or no address."""
    ops = [lot.pattern.op for lot in planned.plan.decisions.active.lots]
    pools = {op.pool for op in ops if op.kind == "hosted"} - setting.hosted.known
    return [_wanting(name, setting.hosted.absent.get(name)) for name in sorted(pools)]


def _wanting(name: str, absent: Problem | None) -> Problem:
    lack = absent or Problem("no-provider", f"there is no provider called {name}")
    note = f"{lack.message}: `run` ends there as blocked; --draft is free"
    return replace(lack, message=note, severity="warning")


def not_here(planned: Planned) -> list[Problem]:
    """A note on what was bought and would have to be here, and who may still have it."""
    if not planned.lost:
        return []
    said = f"{listed(planned.lost)}: bought, and the bytes are not in this store"
    hint = (
        "kinoform pull DIR brings what somebody pushed; a run looks further, for nothing; "
        "kinoform plan --rebuy EXPR says what buying again costs"
    )
    return [Problem("lost", said, severity="warning", hint=hint)]


def again(command: str, options: Options, more: Sequence[str] = ()) -> str:
    """The command line that asks for the same once more; `more` are options as typed."""
    words = ["kinoform", command]
    if str(options.path) != ".":
        words.append(str(options.path))
    words += options.targets
    words += {"": [], "all": ["--draft"], "missing": ["--draft=missing"]}[options.draft]
    words += ["--profile", options.profile] if options.profile else []
    words += [word for name, value in options.vars.items() for word in ("--var", f"{name}={value}")]
    return shlex.join([*words, *more])
