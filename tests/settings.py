"""The product's settings with only what a test run must change; nothing here touches a person's data.

The environment is set before clinic.settings is read: it makes its data folder while it is imported.
"""

import atexit
import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path

# In memory where the system offers that: SQLite waits for the disk at every commit otherwise.
_memory = Path("/dev/shm")
_home = tempfile.mkdtemp(
    prefix="cadence-tests-", dir=_memory if os.access(_memory, os.W_OK) else None
)
atexit.register(shutil.rmtree, _home, ignore_errors=True)

_postgres = os.environ.get("CADENCE_TEST_DATABASE_URL", "")
os.environ.update(
    DATA_DIR=_home,
    MEDIA_DIR=f"{_home}/media",
    DATABASE_URL=_postgres,
    SECRET_KEY="a key for tests only, as long as a real one has to be",
    DEBUG="False",
    HTTPS="False",
    CLINIC_TIME_ZONE="Europe/Berlin",
)

_product = import_module("clinic.settings")
globals().update({name: value for name, value in vars(_product).items() if name.isupper()})

DATABASES = _product.DATABASES
if not _postgres:
    # A file, not :memory:. Browser tests serve from a second thread, and two threads on one
    # in-memory connection would hide every lock that a clinic can meet.
    DATABASES["default"]["TEST"] = {"NAME": f"{_home}/test.sqlite3"}

# What protects a password makes tests slow; how it is stored is Django's own to test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The database cache would add queries to the counts that tests pin.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The manifest needs collectstatic; without it every page of a fresh checkout would fail.
STORAGES = _product.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# collectstatic has not filled it, and its absence is a warning.
_product.STATIC_ROOT.mkdir()
