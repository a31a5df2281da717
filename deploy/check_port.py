"""Say at once, and in words, that the port is taken: before migrations and demo data are waited for."""

import socket
import sys


def main(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As gunicorn does: a port that has just been closed counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.stderr.write(
                f"Cannot serve on {host}:{port}: {error.strerror}. Try: make run PORT={port + 1}\n"
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
