"""What `status` says of keeping and remaking: grades of builds, and what lies in one store only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinoform.api import sharing
from kinoform.cli.show import PROBLEMS, problem_row
from kinoform.core import grades
from kinoform.core.errors import Problem
from kinoform.views import care
from kinoform.views.fields import within
from kinoform.views.words import listed, many

if TYPE_CHECKING:
    from kinoform.api.planning import Planned
    from kinoform.cli.opening import Opened
    from kinoform.cli.show import Show
    from kinoform.views.fields import Fields


def said(show: Show, found: Opened, planned: Planned) -> None:
    """A line for each grade that the build has, and the warning."""
    for line in care.graded(grades.builds(planned.survey, planned.want.final)):
        show.line(line)
    show.problems(_warnings(found, planned))


FIELDS: Fields = {
    "grade": "string or null: exact, seeded or archived, of the whole; null before the first run",
    "grades": "list: of each step that nothing else is made from",
    **within("grades[]", care.GRADE),
    "artifacts": "list: the grade of each result, with all it is made from",
    "artifacts[].step": "string: id of the instance",
    "artifacts[].take": "integer: from 1, within one recipe",
    "artifacts[].grade": "string: exact, seeded or archived, its weakest link",
    "artifacts[].weakest": "string or null: that link; null where all is exact",
    **PROBLEMS,
}


def document(found: Opened, planned: Planned) -> dict[str, Any]:
    """As `FIELDS` says: of the build, its final steps, and each instance and take."""
    builds = grades.builds(planned.survey, planned.want.final)
    steps = planned.graph.steps
    return {
        "grade": grades.weakest(build.grade for build in builds) if builds else None,
        "grades": [care.grade(build) for build in builds],
        "artifacts": [
            {
                "step": steps[number].id,
                "take": take,
                "grade": link.grade,
                "weakest": None if link.grade == "exact" else steps[link.weakest[0]].id,
            }
            for (number, take), link in grades.links(planned.survey).items()
        ],
        "problems": [problem_row(problem) for problem in _warnings(found, planned)],
    }


def _warnings(found: Opened, planned: Planned) -> list[Problem]:
    """One copy of what cannot be made again: said once somebody has begun to share."""
    results = filter(None, map(planned.survey.result, planned.survey.keys))
    single = sharing.alone(found.project.home, results)
    if not single:
        return []
    steps = dict.fromkeys(result.step for result in single)
    kind = many(len(single), "result")
    text = f"{kind} that cannot be made again, in this store only: {listed(steps)}"
    return [Problem("one-copy", text, hint="kinoform push DIR", severity="warning")]
