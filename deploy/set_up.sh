#!/bin/sh
# Make .venv with exactly the packages of uv.lock. `make setup` calls it; calling it again is safe.
# Usage: deploy/set_up.sh [PYTHON]
set -eu

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# "3.11", or nothing when the command does not run (a pyenv shim may exist and still refuse).
version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

find_python() {
    found=none
    for candidate in ${1:-python3.11 python3}; do
        version=$(version_of "$candidate")
        if [ "$version" = 3.11 ]; then
            echo "$candidate"
            return
        fi
        [ -z "$version" ] || found=$version
    done
    fail "Cadence needs Python 3.11; found $found. Try: make run PY=/path/to/python3.11"
}

install_with_uv() {
    # Pinned: a new uv must not change how an old checkout is set up.
    [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9 || return 1
    [ -t 2 ] && quiet= || quiet=--quiet
    .venv/bin/uv sync $quiet --frozen --inexact --python .venv/bin/python
}

# uv reads the addresses in uv.lock; pip reads the mirror a machine is configured for.
install_with_pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
}

python=$(find_python "${1:-}")
if [ "$(version_of .venv/bin/python)" != 3.11 ]; then
    echo "Making .venv and fetching the packages, about 600 MB, once."
    "$python" -m venv --clear .venv || fail \
        "Python could not make .venv." \
        "On Debian and Ubuntu its venv module is a package of its own: apt install python3.11-venv"
fi
install_with_uv || {
    echo "uv could not install the packages; trying pip with requirements.lock." >&2
    install_with_pip || fail \
        "The packages could not be fetched: neither uv nor pip reached a package index." \
        "Behind a proxy set HTTPS_PROXY; with a mirror of your own set PIP_INDEX_URL. Then: make setup"
}
touch .venv/.installed
