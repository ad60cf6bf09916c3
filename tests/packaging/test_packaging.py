"""What is shipped: the wheel holds code and data and nothing else, and works far from the checkout."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import kinoform
from kinoform.api.locate import shipped
from kinoform.cli.main import COMMANDS
from kinoform.core.errors import EnvError

ROOT = Path(__file__).parents[2]


def build(source: Path, out: Path, kind: str) -> Path:
    """Build one archive with what is installed here: no network."""
    subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", out, source],
        check=True,
        capture_output=True,
    )
    (made,) = (path for path in out.iterdir() if path.suffix in {".whl", ".gz"})
    return made


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git would clone, with what a demo leaves behind."""
    copy = tmp_path_factory.mktemp("clone") / "kinoform"
    ignored = shutil.ignore_patterns(
        ".git", ".venv*", ".*cache", ".hypothesis", "__pycache__", "out"
    )
    shutil.copytree(ROOT, copy, ignore=ignored)
    for made in ("pipelines/demo/out/draft/still.jpg", "engine/kinoform/__pycache__/x.pyc"):
        (copy / made).parent.mkdir(parents=True, exist_ok=True)
        (copy / made).write_bytes(b"made, not written")
    return copy


@pytest.fixture(scope="module")
def sdist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(checkout, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(checkout, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with the wheel; what it needs is lent by this one."""
    place = tmp_path_factory.mktemp("env")
    venv.create(place, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", place / "bin/python", "install", "--no-deps",
         "--no-index", "--disable-pip-version-check", wheel],
        check=True,
        capture_output=True,
    )  # fmt: skip
    # Plain path, no .pth processing there: the checkout's own editable install stays out of sight.
    (site / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return place / "bin"


def outside(installed: Path, tmp_path: Path, *words: str) -> str:
    """What the installed program says in an empty folder."""
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "KINOFORM_HOME": str(tmp_path / "k")}
    done = subprocess.run(
        [installed / words[0], *words[1:]],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def names(archive: Path) -> set[str]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def data(root: Path) -> set[str]:
    """The model files and pipelines of a checkout, as they should lie in the wheel."""
    folders = [root / "schemas", root / "pipelines"]
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {f"kinoform/{p.relative_to(root).as_posix()}" for p in found if "out" not in p.parts}


def test_the_wheel_holds_the_code_and_all_data(wheel: Path, checkout: Path) -> None:
    code = {p.relative_to(checkout / "engine").as_posix() for p in checkout.rglob("engine/**/*.py")}
    packed = {name for name in names(wheel) if ".dist-info/" not in name}
    assert packed == code | data(checkout) | {"kinoform/py.typed"}


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in names(wheel))


def test_the_source_archive_can_be_tested_but_holds_nothing_made(sdist: Path) -> None:
    packed = names(sdist)
    assert {"Makefile", "uv.lock", "requirements.lock", "LICENSE", "README.md"} <= packed
    assert any(name.startswith("tests/") for name in packed)
    assert not {name for name in packed if "/out/" in name or "__pycache__" in name}


def test_the_source_archive_makes_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as packed:
        packed.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    again = build(unpacked, tmp_path / "out", "wheel")
    assert names(again) == names(wheel)


def test_the_installed_program_says_its_version(installed: Path, tmp_path: Path) -> None:
    assert outside(installed, tmp_path, "kinoform", "--version") == (
        f"kinoform {kinoform.__version__}\n"
    )


def test_the_installed_program_loads_its_commands(installed: Path, tmp_path: Path) -> None:
    assert "Commands:" in outside(installed, tmp_path, "kinoform", "-h")


def test_the_installed_program_finds_its_data_inside_itself(
    installed: Path, tmp_path: Path
) -> None:
    code = (
        "from kinoform.api.locate import shipped; print(shipped('schemas'), shipped('pipelines'))"
    )
    for place in outside(installed, tmp_path, "python", "-c", code).split():
        assert installed.parent in Path(place).parents


@pytest.mark.skipif("models" not in COMMANDS, reason="the command is not built yet")
def test_the_installed_program_lists_its_models(installed: Path, tmp_path: Path) -> None:
    assert "klingai" in outside(installed, tmp_path, "kinoform", "models", "list")


def test_the_checkout_finds_its_data_beside_its_code() -> None:
    assert shipped("schemas") == ROOT / "schemas"


def test_a_strangers_folder_of_that_name_is_not_ours(tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "kinoform"
    package.mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    with pytest.raises(EnvError, match="schemas"):
        shipped("schemas", package)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\n')
    with pytest.raises(EnvError):
        shipped("schemas", package)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "kinoform"\n')
    assert shipped("schemas", package) == tmp_path / "schemas"
