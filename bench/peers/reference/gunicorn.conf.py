"""How each of the three services runs. PORT, ACCESS_LOG and, to try others, the rest are the environment's.

Two workers of four threads in each service were measured to be among the cheapest for a profile read through the
gateway, on two cores with 48 connections (2026-11-22, beside other work, so the requests a second say less than the
processor time of all five servers together):

    workers, class       µs of processor time   requests a second
    1 gthread x 4                       4,609                 213
    1 gthread x 8                       4,928                 238
    2 gthread x 4                       4,675                 217
    4 gthread x 4                       4,934                 271
    1 sync                              4,986                 278
    2 sync                              4,783                 253
    4 sync                              4,860                 333
    2 gthread x 4, KEEP_CONNECTIONS=no  5,552                 181

One worker is as cheap and has one core of the two. The last row is the tutorial to the letter: a connection for each
call between services (see shared/calls.py).
"""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = int(os.environ.get("WORKERS", 2))
worker_class = os.environ.get("WORKER_CLASS", "gthread")
threads = int(os.environ.get("THREADS", 4))
# Longer than gunicorn's two seconds: who keeps connections could send on one that is being closed.
keepalive = 75
# As in production: a line for each request at the front door, and what goes wrong everywhere.
accesslog = os.environ.get("ACCESS_LOG")
loglevel = "warning"
