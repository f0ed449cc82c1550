"""What is in an artefact, and that the same inputs make the same bytes."""

import importlib.util
import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from infra.artefact.build import MOST_UNZIPPED_BYTES, Artefact, build
from infra.artefact.target import Target

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = (ROOT / "infra" / "requirements.txt").read_text()
OURS = ("dueline/", "functions/", "handlers/")


def names(artefact: Artefact) -> list[str]:
    with zipfile.ZipFile(artefact.archive) as archive:
        return archive.namelist()


def test_it_is_within_its_limit(artefact: Artefact) -> None:
    assert artefact.unzipped_bytes <= MOST_UNZIPPED_BYTES


def test_no_test_bench_tool_or_secret_is_inside(artefact: Artefact) -> None:
    forbidden = re.compile(
        r"(^|/)(tests?|bench|local|infra|docs)/|\.env|\.key$|\.git|\.chalice|config\.json"
        r"|^(?!certificates/).*\.pem$"  # authorities to trust may be there; they are no secret
    )

    found = [name for name in names(artefact) if forbidden.search(name)]

    assert found == []


def test_only_its_own_kinds_of_files_are_taken_from_the_project(artefact: Artefact) -> None:
    ours = [name for name in names(artefact) if name.startswith(OURS)]

    assert {Path(name).suffix for name in ours} == {".py", ".pyc", ".sql", ".lua"}


def test_every_module_comes_compiled_and_is_never_checked_again(artefact: Artefact) -> None:
    with zipfile.ZipFile(artefact.archive) as archive:
        # PEP 552: after the magic number, 0b01 says "hash-based, not to be checked"
        flags = {
            int.from_bytes(archive.read(name)[4:8], "little")
            for name in archive.namelist()
            if name.endswith(".pyc")
        }
        sources = {name for name in archive.namelist() if name.endswith(".py")}
        compiled = {name for name in archive.namelist() if name.endswith(".pyc")}

    assert flags == {0b01}
    assert {name for name in sources if not name.startswith(OURS)} == set()
    uncompiled = [
        name
        for name in sources
        if not any(
            found.startswith(f"{Path(name).parent}/__pycache__/{Path(name).stem}.")
            for found in compiled
        )
    ]
    assert uncompiled == []


def test_no_path_of_the_building_machine_is_inside(artefact: Artefact) -> None:
    building = str(artefact.folder.parent).encode()

    telltale = [
        path.name
        for path in artefact.folder.rglob("*")
        if path.is_file() and building in path.read_bytes()
    ]

    assert telltale == []


def test_every_licence_goes_with_its_code(artefact: Artefact) -> None:
    with_notes = {name.split("/")[0] for name in names(artefact) if ".dist-info/" in name}
    licensed = {
        name.split("/")[0]
        for name in names(artefact)
        if re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)", name, re.IGNORECASE)
    }

    assert "LICENSE" in names(artefact)
    assert with_notes - licensed == set()


def test_a_second_build_has_the_same_bytes(
    artefact: Artefact, target: Target, tmp_path: Path
) -> None:
    again = build(tmp_path / "elsewhere", target)

    assert again.sha256 == artefact.sha256


def test_the_pinned_requirements_are_those_of_pyproject() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *map(Requirement, project["dependencies"]),
        *map(Requirement, project["optional-dependencies"]["rrule"]),
    ]
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", REQUIREMENTS, re.MULTILINE))

    unmet = [
        str(requirement)
        for requirement in wanted
        if not requirement.specifier.contains(pinned.get(requirement.name, "0"))
    ]

    assert unmet == []


def test_every_requirement_has_a_hash_and_none_an_address() -> None:
    entries = re.split(r"\n(?=\w)", REQUIREMENTS.partition("\n\n")[0])

    assert "://" not in REQUIREMENTS
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["chalice.cli", "botocore", "pip"])
def test_the_deploying_tools_stay_behind(artefact: Artefact, name: str) -> None:
    assert importlib.util.find_spec(name.partition(".")[0]) is not None

    found = [entry for entry in names(artefact) if entry.startswith(name.replace(".", "/"))]

    assert found == []
