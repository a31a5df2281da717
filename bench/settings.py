"""The product's settings for a bench: a database and folders that are gone afterwards, both sides' caches alike."""

import logging
import os
from importlib import import_module

from bench import peers

# DATA_DIR and SECRET_KEY come from bench.home, which made the folder.
_server = os.environ.get("CADENCE_TEST_DATABASE_URL", "")
if _server:
    os.environ["DATABASE_URL"] = _server

_product = import_module("clinic.settings")
globals().update({name: value for name, value in vars(_product).items() if name.isupper()})

INSTALLED_APPS = [*_product.INSTALLED_APPS, *peers.apps()]
ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
# The peer keeps its configuration in the cache; a cache in memory costs nothing on either side.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = _product.STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
# The peer warns at every start that it will send no mail.
logging.disable(logging.WARNING)
STATIC_ROOT = _product.STATIC_ROOT
STATIC_ROOT.mkdir(exist_ok=True)  # its absence is a warning for every client
