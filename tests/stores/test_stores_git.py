"""A repository is read, and nothing that it brings along is run or reached."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from kinoform.stores import git as gits
from kinoform.stores.git import Entry, Git, GitError

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | {
    f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    done = subprocess.run(command, env=ENVIRON, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of a film that lies below the top of its repository."""
    folder = tmp_path / "top" / "film"
    folder.mkdir(parents=True)
    _git(folder.parent, "init", "-q", "-b", "main")
    for number, text in enumerate(("one", "two"), 1):
        (folder / "pipeline.yaml").write_text(text, encoding="utf-8")
        (folder / "Zoë 灯.txt").write_bytes(b"\0\xff\n" * number)
        (folder.parent / "beside.txt").write_text(text, encoding="utf-8")
        _git(folder.parent, "add", "-A")
        _git(folder.parent, "commit", "-q", "-m", f"take {number}\n\nmore")
    return folder


def _around(folder: Path) -> Git:
    found = gits.around(folder, os.environ)
    assert found is not None
    return found


def test_the_files_of_a_commit_are_those_below_the_folder(repository: Path) -> None:
    git = _around(repository)
    files = git.files(git.commit("HEAD~1"))
    assert sorted(files) == ["Zoë 灯.txt", "pipeline.yaml"]
    contents = git.contents([entry.object for entry in files.values()])
    assert contents[files["pipeline.yaml"].object] == b"one"
    assert contents[files["Zoë 灯.txt"].object] == b"\0\xff\n"


def test_a_commit_is_told_by_day_author_and_first_line(repository: Path) -> None:
    git = _around(repository)
    told = git.describe(git.commit("main"))
    assert (told.author, told.subject) == ("ana", "take 2")
    assert told.day == _git(repository, "show", "-s", "--format=%ad", "--date=short")


def test_the_history_of_a_file_is_that_of_its_changes(repository: Path) -> None:
    git = _around(repository)
    assert len(git.history("HEAD", ["pipeline.yaml"], 9)) == 2
    assert git.history("HEAD", ["nothing.yaml"], 9) == []
    assert git.history("HEAD", [":(top)beside.txt"], 9) == []  # a name, and no spell


@pytest.mark.parametrize("words", ["-h", "--all", "", "HEAD:film", "nobody", "HEAD\0x", "HEAD\nx"])
def test_what_names_no_commit_is_refused(repository: Path, words: str) -> None:
    with pytest.raises(GitError):
        _around(repository).commit(words)


def test_a_folder_without_a_commit_has_no_repository(tmp_path: Path) -> None:
    assert gits.around(tmp_path, os.environ) is None
    _git(tmp_path, "init", "-q")
    assert gits.around(tmp_path, os.environ) is None


def test_git_is_taken_from_absolute_folders_only(tmp_path: Path) -> None:
    trap = tmp_path / "git"
    trap.write_text("#!/bin/sh\n", encoding="utf-8")
    trap.chmod(0o755)
    here = os.path.relpath(tmp_path)
    assert gits.find({"PATH": f"{here}{os.pathsep}."}) == ""
    assert gits.find({"PATH": ""}) == ""
    assert gits.find({"PATH": str(tmp_path)}) == str(trap)


# Every setting of a repository that can start a program or reach out while git works.
PROGRAMS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass",
    "core.alternateRefsCommand", "credential.helper", "diff.external", "diff.x.textconv",
    "diff.x.command", "filter.x.smudge", "filter.x.clean", "filter.x.process", "gpg.program",
    "gpg.ssh.program", "gpg.x509.program", "pager.ls-tree", "pager.cat-file", "pager.rev-list",
    "merge.x.driver", "sequence.editor", "uploadpack.packObjectsHook", "receive.procReceiveRefs",
    "remote.origin.uploadpack", "remote.origin.receivepack", "interactive.diffFilter", "man.viewer",
    "alias.ls-tree", "alias.cat-file", "alias.rev-list", "alias.rev-parse", "trailer.x.command",
)  # fmt: skip
HOOKS = ("post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman")


def _poisoned(repository: Path, canary: Path) -> None:
    """A clone whose settings, hooks and attributes all start one program."""
    top = repository.parent
    program = top / "run.sh"
    program.write_text(f"#!/bin/sh\necho \"$0 $@\" >> '{canary}'\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    for name in PROGRAMS:
        _git(top, "config", name, f"!{program}" if name.startswith("alias.") else str(program))
    for name in ("log.showSignature", "filter.x.required", "core.untrackedCache"):
        _git(top, "config", name, "true")
    (top / ".git/info").mkdir(exist_ok=True)
    (top / ".git/info/attributes").write_text("* diff=x filter=x merge=x\n", encoding="utf-8")
    for name in HOOKS:
        hook = top / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(program.read_text("utf-8"), encoding="utf-8")
        hook.chmod(0o755)


def _read_all(repository: Path) -> list[Entry]:
    git = _around(repository)
    commit = git.commit("HEAD~1")
    files = git.files(commit)
    git.contents([entry.object for entry in files.values()])
    git.history(commit, list(files), 9)
    git.describe(commit)
    return list(files.values())


def test_a_clone_runs_no_program_by_its_settings(repository: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    _poisoned(repository, canary)
    assert len(_read_all(repository)) == 2
    assert not canary.exists(), canary.read_text("utf-8")
    with suppress(subprocess.CalledProcessError):
        _git(repository, "status")
    assert canary.exists(), "the trap is none"


@pytest.mark.parametrize("url", ["ext::PROGRAM fetch", "ssh://-oProxyCommand=x/y", "BARE"])
def test_what_a_partial_clone_lacks_is_not_fetched(
    repository: Path, tmp_path: Path, url: str
) -> None:
    canary, top = tmp_path / "canary", repository.parent
    _poisoned(repository, canary)
    bare = tmp_path / "bare.git"
    _git(tmp_path, "clone", "-q", "--bare", str(top), str(bare))
    canary.unlink(missing_ok=True)
    _git(top, "config", "core.repositoryformatversion", "1")
    _git(top, "config", "extensions.partialClone", "origin")
    for name in ("remote.origin.promisor", "protocol.allow", "protocol.ext.allow"):
        _git(top, "config", name, "true" if name.startswith("remote") else "always")
    _git(
        top,
        "config",
        "remote.origin.url",
        url.replace("PROGRAM", str(top / "run.sh")).replace("BARE", str(bare)),
    )
    lost = _git(top, "rev-parse", "HEAD~1:film/pipeline.yaml")
    (top / ".git/objects" / lost[:2] / lost[2:]).unlink()
    canary.unlink(missing_ok=True)
    git = _around(repository)
    with pytest.raises(GitError):
        git.files(git.commit("HEAD~1"))
    with pytest.raises(GitError):
        git.contents([lost])
    assert not canary.exists(), canary.read_text("utf-8")
    if not url.startswith("ssh"):
        with suppress(subprocess.CalledProcessError):
            _git(top, "cat-file", "-p", lost)
        assert canary.exists(), "the trap is none"


def test_a_bare_repository_inside_the_project_is_not_believed(tmp_path: Path) -> None:
    bare = tmp_path / "film"
    _git(tmp_path, "init", "-q", "--bare", str(bare))
    assert gits.around(bare, os.environ) is None


def test_what_a_tree_calls_its_files_stays_below_the_folder() -> None:
    plain = gits._is_plain
    assert [name for name in ("a/b.txt", "é", "a b") if plain(name)] == ["a/b.txt", "é", "a b"]
    odd = ("../a", "/a", "a/../b", ".git/config", "a/.GIT/x", "a\\b", "c:x", "", "a//b", "./a")
    assert [name for name in odd if plain(name)] == []
