"""The user's settings: config.yaml, the environment over it, and nothing of any project."""

from __future__ import annotations

import os
from contextlib import chdir
from decimal import Decimal
from pathlib import Path

import pytest

from kinoform.api.settings import UserSettings, config_path, user_settings
from kinoform.core.errors import Problem, UsageError
from kinoform.core.secret import Secret
from kinoform.spec.document import Budget

WHOLE = """\
providers:
  runware:
    url: https://proxy.example/runware/v1/
    proxy: http://ana:hunter2@proxy.example:3128
    key_file: runware.key
    at_once: 8
    per_model: 2
    on_unknown: resubmit
    max_duplicate_cost: 2.50
    longest: 90m
  wavespeed:
    key_command: [pass, show, wavespeed]
on_unknown: wait
budget: {run: 15, total: 500.10, ask_above: 0.3}
"""


class Desk:
    """A folder with a config.yaml, and the variables around it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "config" / "config.yaml"
        self.file.parent.mkdir()
        self.environ = {"KINOFORM_CONFIG": str(self.file)}

    def write(self, text: str) -> None:
        """Save the settings."""
        self.file.write_text(text, "utf-8")

    def settings(self, **variables: str) -> UserSettings:
        """What holds with these variables."""
        return user_settings(self.environ | variables)

    def faults(self, **variables: str) -> tuple[Problem, ...]:
        """What is wrong with the accounts."""
        accounts = self.settings(**variables).providers.values()
        return tuple(fault for own in accounts for fault in own.faults)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write("")
    return made


def test_without_a_word_every_provider_is_where_it_says_it_is(desk: Desk) -> None:
    found = desk.settings()
    assert found.providers["runware"].url == "https://api.runware.ai/v1"
    assert found.providers["wavespeed"].url == "https://api.wavespeed.ai"
    assert found.providers["runware"].on_unknown == "ask"
    assert found.budget == Budget()
    assert found == UserSettings(desk.file)


def test_every_setting_is_taken_as_it_is_written(desk: Desk) -> None:
    desk.write(WHOLE)
    found = desk.settings()
    runware, wavespeed = found.providers["runware"], found.providers["wavespeed"]
    assert runware.url == "https://proxy.example/runware/v1"
    assert runware.proxy == Secret("http://ana:hunter2@proxy.example:3128")
    assert runware.key_file == desk.file.parent / "runware.key"
    assert (runware.at_once, runware.per_model, runware.longest) == (8, 2, 5400)
    assert (runware.on_unknown, runware.duplicates) == ("resubmit", Decimal("2.5"))
    assert wavespeed.key_command == ("pass", "show", "wavespeed")
    assert (wavespeed.on_unknown, wavespeed.at_once) == ("wait", 4)
    assert found.budget == Budget(Decimal(15), Decimal("500.1"), Decimal("0.3"))


def test_no_secret_is_shown_with_the_settings(desk: Desk) -> None:
    desk.write(WHOLE)
    assert "hunter2" not in repr(desk.settings())


def test_variables_go_before_the_file(desk: Desk) -> None:
    desk.write(WHOLE)
    found = desk.settings(KINOFORM_RUNWARE_URL="http://127.0.0.1:8080/v1/").providers["runware"]
    assert found.url == "http://127.0.0.1:8080/v1"
    assert found.origins["url"] == "KINOFORM_RUNWARE_URL"
    assert desk.settings(KINOFORM_RUNWARE_URL="").providers["runware"].url.endswith("runware/v1")


def test_no_proxy_stands_before_this_machine(desk: Desk) -> None:
    desk.write(WHOLE)
    assert desk.settings(KINOFORM_RUNWARE_URL="http://[::1]:1").providers["runware"].proxy is None
    there = desk.settings(KINOFORM_WAVESPEED_PROXY="https://p.example:1").providers["wavespeed"]
    assert there.proxy == Secret("https://p.example:1")


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("KINOFORM_RUNWARE_URL", "http://api.example.com/hunter2", "bad-url"),
        ("KINOFORM_RUNWARE_URL", "https://ana:hunter2@api.example.com", "bad-url"),
        ("KINOFORM_WAVESPEED_URL", "https://api.example.com?hunter2", "bad-url"),
        ("KINOFORM_RUNWARE_PROXY", "socks5://ana:hunter2@x:1", "bad-proxy"),
    ],
)
def test_a_bad_address_names_its_variable_and_is_not_repeated(
    desk: Desk, variable: str, value: str, code: str
) -> None:
    (found,) = desk.faults(**{variable: value})
    assert found.code == code
    assert found.message.startswith(variable)
    assert "hunter2" not in repr(found)


def test_a_bad_address_in_the_file_is_said_at_its_place(desk: Desk) -> None:
    desk.write("providers:\n  runware:\n    url: http://api.example.com\n    longest: 0s\n")
    url, longest = desk.faults()
    assert (url.code, url.path) == ("bad-url", "providers.runware.url")
    assert str(url.where) == f"{desk.file}:3:10"
    assert (longest.code, longest.where and longest.where.line) == ("too-small", 4)


def test_all_faults_are_said_at_once(desk: Desk) -> None:
    desk.write("providers: {runware: {url: ftp://x}, wavespeed: {url: ftp://y}}")
    assert len(desk.faults(KINOFORM_RUNWARE_PROXY="nothing")) == 3


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no-config"):
        user_settings({"KINOFORM_CONFIG": str(tmp_path / "none.yaml")})
    with pytest.raises(UsageError, match="config-unreadable"):
        user_settings({"KINOFORM_CONFIG": str(tmp_path)})


def test_no_file_of_a_project_is_taken_for_the_settings(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("on_unknown: resubmit\n")
    (tmp_path / ".env").write_text("KINOFORM_RUNWARE_URL=http://127.0.0.1:1\n")
    (tmp_path / "kinoform").mkdir()
    with chdir(tmp_path):
        assert desk.settings() == UserSettings(desk.file)
        for path in ("config.yaml", "./config.yaml"):
            with pytest.raises(UsageError, match="no absolute path"):
                user_settings({"KINOFORM_CONFIG": path})


def test_the_settings_that_the_documents_show_are_right(desk: Desk) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "set-up-keys.md"
    desk.write(page.read_text("utf-8").partition("```yaml config.yaml\n")[2].partition("```")[0])
    found = desk.settings()
    assert found.budget.run == 15
    assert found.providers["wavespeed"].key_command[0] == "pass"


def test_without_a_variable_the_file_is_in_the_users_own_folder() -> None:
    path = config_path({})
    assert path.is_absolute()
    assert path.parts[-2:] == ("kinoform", "config.yaml") or os.name == "nt"
    assert not path.is_relative_to(Path.cwd())
