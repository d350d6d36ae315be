"""The front door: what begins with auth/ or users/ is sent on to that service as it came."""

import os

import requests
from flask import Flask, jsonify, request

from shared.calls import calls

app = Flask(__name__)
SERVICES = {"auth": os.environ["AUTH_SERVICE_URL"], "users": os.environ["USER_SERVICE_URL"]}


@app.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
def gateway(path):
    service = SERVICES.get(path.split("/")[0])
    if not service:
        return jsonify({"error": "Service not found"}), 404
    try:
        answer = calls().request(
            request.method,
            f"{service}/{path}",
            headers={name: value for name, value in request.headers if name != "Host"},
            data=request.get_data(),
            params=request.args,
            cookies=request.cookies,
            allow_redirects=False,
        )
    except requests.exceptions.ConnectionError:
        return jsonify({"error": "Service unavailable"}), 503
    return answer.content, answer.status_code, answer.headers.items()


@app.get("/health")
def health():
    services = {"auth_service": is_up(SERVICES["auth"]), "user_service": is_up(SERVICES["users"])}
    return jsonify({"gateway": "healthy", "services": services})


def is_up(url):
    try:
        return calls().get(f"{url}/health").status_code == 200
    except requests.exceptions.RequestException:
        return False
