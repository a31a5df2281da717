"""Run a command beside a PostgreSQL of its own, which is gone when the command ends.

    python tests/throwaway_postgres.py python -m pytest

The command finds the server by CADENCE_TEST_DATABASE_URL and PGHOST. The server listens on a
socket in its own folder only, so it can neither meet another server nor be reached from outside.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import psycopg

START_SECONDS = 60
# One that folds Cyrillic: plain C would not.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
# A power cut may lose this database: it lives for one run.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def find_server() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, or None."""
    on_path = shutil.which("initdb")
    if on_path:
        # The link's target: `postgres` looks for its files beside itself.
        return Path(on_path).resolve().parent
    installed = [
        *Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        *Path("/opt/homebrew/opt").glob("postgresql@*/bin/initdb"),
        *Path("/usr/local/opt").glob("postgresql@*/bin/initdb"),
    ]
    versions = {float(path.parts[-3].rpartition("@")[2]): path.parent for path in installed}
    return versions[max(versions)] if versions else None


def server_user() -> tuple[int, int]:
    """Return the user and group to run the server as: ourselves, or a lesser one for root."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    # PostgreSQL refuses root.
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid
    raise RuntimeError("PostgreSQL cannot run as root, and there is no user postgres or nobody.")


@contextlib.contextmanager
def serving(programs: Path) -> Iterator[dict[str, str]]:
    """Make a cluster, serve it, yield what a client's environment needs, leave nothing behind."""
    user, group = server_user()
    # Short: a socket's path may have 107 bytes at most, and TMPDIR can be long.
    home = Path(tempfile.mkdtemp(prefix="cadence-pg-", dir="/tmp"))
    server: subprocess.Popen[bytes] | None = None
    try:
        os.chown(home, user, group)
        how = ("--auth=trust", "--username=cadence", "--encoding=UTF8", f"--locale={LOCALE}")
        subprocess.run(
            [programs / "initdb", *how, "--no-sync", "-D", home / "data"],
            cwd=home,
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            group=group,
        )
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", home / "data", "-k", home, *options],
                cwd=home,
                stdout=log,
                stderr=log,
                user=user,
                group=group,
                # Ctrl-C is for the tests: the server goes last, when they have let go of it.
                start_new_session=True,
            )
        wait_for(home, server)
        # The folder goes by libpq's own names: not every reader of such URLs knows sockets.
        yield {
            "CADENCE_TEST_DATABASE_URL": "postgres:///postgres",
            "PGHOST": str(home),
            "PGUSER": "cadence",
        }
    finally:
        if server is not None:
            # "Fast": do not wait for clients that a killed test left behind.
            server.send_signal(signal.SIGINT)
            server.wait(timeout=START_SECONDS)
        shutil.rmtree(home, ignore_errors=True)


def wait_for(home: Path, server: subprocess.Popen[bytes]) -> None:
    """Return when the server answers.  Raises RuntimeError with its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(home), user="cadence", dbname="postgres").close()
            return
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start:\n" + (home / "log").read_text())


def stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


def main(command: list[str]) -> int:
    programs = find_server()
    if programs is None:
        sys.stderr.write(
            "No PostgreSQL server on this machine: neither initdb on the PATH nor /usr/lib/postgresql.\n"
            "Install one (apt install postgresql), it need not run: make test-postgres starts its own.\n"
        )
        return 1
    # A polite kill must still reach the clean-up.
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    with serving(programs) as address:
        return subprocess.run(command, env={**os.environ, **address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
