"""The rules of projects, plans, money and runs, by problem code. Sentences only."""

from __future__ import annotations

CODES: dict[str, str] = {
    "pick-damaged": "A pick is one line: digest, recipe and take, who, when, why.",
    "pick-not-written": "A pick can be written below picks/.",
    "moved": "A plan file is carried out only while everything is as it says.",
    "no-plan": "A plan file is one that `plan -o` of this version wrote.",
    "plan-not-written": "A plan file can be written where it was asked for.",
    # projects
    "no-pipeline": "PATH is a pipeline file, or a folder that holds a pipeline.yaml.",
    "no-such-pipeline": "init begins with one of the shipped pipelines.",
    "in-the-way": "init writes only where nothing stands: it overwrites no file.",
    "folder-not-written": "The folder of a new project can be written.",
    "model-file-unreadable": "A model file is a JSON document that can be read.",
    "model-shadowed": "A model file of a project does not take the id of a shipped model.",
    "input-moved": "A file that a plan has read is the same when the run takes it.",
    # graph and plan
    "nothing-selected": "A selection leaves at least one step: an empty one would mean the whole film.",
    "cycle": "No step waits, over however many others, on itself.",
    "no-such-step": "A target, a selection or `needs` names a step, an instance or an item.",
    "bad-selection": "A selection is a name, an id, a glob, tag:, model: or state:NAME, +x, x+, 2+x or x+1.",
    "no-such-tag": "A selection by tag names one that a step has.",
    "no-such-model": "A selection by model names an alias or a model that a step is made with.",
    "no-such-state": "A selection by state names one that a step can be in.",
    "input-not-made": "With --only, what a step needs is made already.",
    "left-stale": "--only says what was made from the old results and is not made again.",
    "chain-too-long": "Steps that measure each other form no chain of many hundreds.",
    "too-many-steps": "A pipeline has at most 200,000 instances and takes unless --max-steps allows more.",
    "index-in-request": "A number of the cut in a hosted request makes an insertion buy what follows.",
    "model-changed": "A plan says when a model file is not the one that results were made under.",
    "no-revision": "A revision is a commit of the git repository that the pipeline lies in.",
    "page-not-written": "The file of --html can be written.",
    "behind-a-pick": "What stands behind an open pick is not in the sum of a plan.",
    "blocked-unpriced": "What is blocked by something lost or refused is not in the sum of a plan.",
    # choices
    "no-choice": "models choose names an alias with several candidates, and one that can say all.",
    "lock-damaged": "A record in kinoform.lock is one JSON object that names a model.",
    "lock-not-written": "The folder kinoform.lock can be written, and is no link.",
    # money
    "not-confirmed": "Money is spent only when a person or --max-cost has allowed it.",
    "above-max-cost": "The worst case of a run does not exceed --max-cost.",
    "above-budget": "What a run may spend does not exceed a budget, whoever set it.",
    "frozen": "With --frozen nothing is bought: what a build needs is in the lock, and its bytes are here.",
    "lost": "What was bought and is gone is never bought again by itself.",
    # runs
    "no-provider": "A hosted step needs a provider that can be reached.",
    "provider-failed": "A provider makes what it was asked for.",
    "input-damaged": "An input is in the store whole when a step reads it.",
    "result-damaged": "What was made before is in the store whole when it is shown.",
    "result-missing": "A step makes as many results as others read of it.",
    "op-crashed": "An operation ends with a result or says what is wrong.",
    "work-refused": "The system gives an operation the files, memory and processes that it needs.",
    "timed-out": "A step ends within its `timeout`.",
    "worker-died": "The process that works on a step lives until it has answered.",
    # out/
    "view-file-changed": "A file in out/ that a person has changed is left alone.",
    "view-not-written": "The folder out/ can be written.",
    "view-name-taken": "No two results have the same name in out/.",
    "view-is-a-link": "Nothing in out/ is written through a link.",
}
