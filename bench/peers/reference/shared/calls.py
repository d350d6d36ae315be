import os
import threading

import requests

threads = threading.local()


def calls():
    """What sends requests to the other services: with connections that are kept, one session for each thread.

    The tutorial opens one for each call (`KEEP_CONNECTIONS=no`).
    """
    if os.environ.get("KEEP_CONNECTIONS") == "no":
        return requests
    if not hasattr(threads, "session"):
        threads.session = requests.Session()
    return threads.session
