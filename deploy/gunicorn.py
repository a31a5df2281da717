"""How gunicorn serves Cadence; every name here is a gunicorn setting. The environment may say otherwise."""

import os
from pathlib import Path

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
# SQLite has one writer at a time: threads wait cheaply, more processes would only queue.
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# A PDF of a full day's sheets is the slowest answer, well under a second; 60 s is a bug.
timeout = 60
graceful_timeout = 20
# Workers retire one after another, so that a slow leak never meets a busy morning.
max_requests = 5000
max_requests_jitter = 500
# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
# No access log: search addresses may hold a patient's name. The app writes its own, ids only.
accesslog = None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")
