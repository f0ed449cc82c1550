"""The slim view of a RabbitMQ installation holds what the broker needs, and nothing else."""

from pathlib import Path

from local.services.rabbitmq_slim import slim_scripts

APPLICATIONS = {
    "rabbit-3.10.8": "[kernel,stdlib,\n  rabbit_common, ra]",
    "rabbit_common-3.10.8": "[kernel]",
    "rabbitmq_prelaunch-3.10.8": "[rabbit_common,cuttlefish]",
    "ra-2.2.0": "[aten]",
    "aten-0.5.8": "[]",
    "cuttlefish-3.0.1": "[]",
    "rabbitmq_management-3.10.8": "[rabbit,cowboy]",
    "cowboy-2.8.0": "[]",
}


def installation(home: Path, applications: dict[str, str]) -> Path:
    """The scripts of a pretended installation."""
    for folder, needs in applications.items():
        name = folder.partition("-")[0]
        ebin = home / "plugins" / folder / "ebin"
        ebin.mkdir(parents=True)
        text = '{application, %s, [{vsn,"1"},\n {applications, %s}]}.'
        (ebin / f"{name}.app").write_text(text % (name, needs))
    for folder in ("sbin", "escript"):
        (home / folder).mkdir(parents=True)
    (home / "sbin" / "rabbitmq-server").touch()
    return home / "sbin"


def test_only_what_the_broker_needs_is_in_view(tmp_path: Path) -> None:
    scripts = installation(tmp_path / "whole", APPLICATIONS)

    slim = slim_scripts(scripts, tmp_path / "slim")

    assert {path.name for path in (slim.parent / "plugins").iterdir()} == APPLICATIONS.keys() - {
        "rabbitmq_management-3.10.8",
        "cowboy-2.8.0",
    }
    assert (slim / "rabbitmq-server").exists()
    assert (slim.parent / "escript").is_dir()


def test_a_view_of_an_earlier_version_is_replaced(tmp_path: Path) -> None:
    slim_scripts(installation(tmp_path / "old", APPLICATIONS), tmp_path / "slim")
    newer = installation(tmp_path / "new", {"rabbit-4.0.5": "[]"})

    slim_scripts(newer, tmp_path / "slim")

    assert [path.name for path in (tmp_path / "slim/plugins").iterdir()] == ["rabbit-4.0.5"]


def test_where_scripts_could_not_run_the_installation_is_used_as_it_is(tmp_path: Path) -> None:
    scripts = installation(tmp_path / "whole", APPLICATIONS)

    assert slim_scripts(scripts, tmp_path / "a space" / "slim") == scripts


def test_an_installation_of_archives_is_used_as_it_is(tmp_path: Path) -> None:
    scripts = installation(tmp_path / "whole", {})
    (tmp_path / "whole/plugins").mkdir()
    (tmp_path / "whole/plugins/rabbit-3.8.0.ez").touch()

    assert slim_scripts(scripts, tmp_path / "slim") == scripts
