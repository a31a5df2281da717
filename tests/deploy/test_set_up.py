"""Setting up on a machine that lacks something says what is missing and what to do."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.throwaway_postgres import find_server

SCRIPT = ROOT / "deploy" / "set_up.sh"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of commands that is the whole PATH; its pythons are what the test writes."""
    commands = tmp_path / "bin"
    commands.mkdir()
    return commands


def pretend(command: Path, version: str) -> None:
    """Put a python there that knows only its version, and fails at everything else."""
    command.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo {version} || exit 1\n')
    command.chmod(0o755)


def set_up(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), *arguments],
        cwd=machine.parent,
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_another_python_is_named_with_the_way_out(machine: Path):
    pretend(machine / "python3", "3.13")
    answer = set_up(machine)
    assert answer.returncode == 1
    assert answer.stderr == (
        "Cadence needs Python 3.11; found 3.13. Try: make run PY=/path/to/python3.11\n"
    )


def test_no_python_at_all_is_said_so(machine: Path):
    assert "Cadence needs Python 3.11; found none." in set_up(machine).stderr


def test_a_python_that_was_named_is_the_only_one_tried(machine: Path):
    pretend(machine / "python3.11", "3.11")
    pretend(machine / "old", "3.9")
    assert "found 3.9" in set_up(machine, str(machine / "old")).stderr


def test_a_shim_that_refuses_does_not_hide_the_real_one(machine: Path):
    """pyenv puts a python3.11 on the PATH for versions that are not switched on."""
    (machine / "python3.11").write_text("#!/bin/sh\nexit 127\n")
    (machine / "python3.11").chmod(0o755)
    pretend(machine / "python3", "3.11")
    # It is chosen; as it is a pretended one, the next step is where it ends.
    assert "could not make .venv" in set_up(machine).stderr


def test_a_taken_port_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = subprocess.run(
            [sys.executable, str(ROOT / "deploy" / "check_port.py"), "127.0.0.1", str(port)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert answer.returncode == 1
    assert f"Try: make run PORT={port + 1}" in answer.stderr


@pytest.mark.skipif(find_server() is None, reason="no PostgreSQL server on this machine")
def test_the_throw_away_server_leaves_nothing_behind(tmp_path: Path):
    found = tmp_path / "home"
    look = (
        "import os, pathlib, psycopg;"
        "psycopg.connect(dbname='postgres').close();"
        f"pathlib.Path({str(found)!r}).write_text(os.environ['PGHOST']);"
        "raise SystemExit(3)"
    )
    script = ROOT / "tests" / "throwaway_postgres.py"
    answer = subprocess.run([sys.executable, str(script), sys.executable, "-c", look], check=False)
    assert answer.returncode == 3
    assert not Path(found.read_text()).exists()
