"""Profiles. Whose they are is asked of auth-service, for every request."""

import os
from functools import wraps

from flask import Flask, jsonify, request

from models import UserProfile
from shared.calls import calls
from shared.database import db, init_db

app = Flask(__name__)
init_db(app)
VALIDATE_URL = os.environ["AUTH_SERVICE_URL"] + "/auth/validate"


def token_required(view):
    @wraps(view)
    def guarded():
        token = request.headers.get("Authorization", "").replace("Bearer ", "")
        if not token:
            return jsonify({"message": "Token is missing!"}), 401
        answer = calls().post(VALIDATE_URL, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            return jsonify({"message": "Invalid token!"}), 401
        return view(answer.json()["user_id"])

    return guarded


@app.get("/health")
def health():
    return jsonify({"status": "User service is healthy"})


@app.get("/users/profile")
@token_required
def read_profile(user_id):
    profile = UserProfile.query.filter_by(user_id=user_id).first()
    if not profile:
        return jsonify({"message": "Profile not found"}), 404
    shown = {"bio": profile.bio, "avatar": profile.avatar, "preferences": profile.preferences}
    return jsonify({"user_id": user_id, "profile": shown})


@app.put("/users/profile")
@token_required
def write_profile(user_id):
    data = request.get_json()
    profile = UserProfile.query.filter_by(user_id=user_id).first()
    if not profile:
        profile = UserProfile(user_id=user_id)
        db.session.add(profile)
    for name in ("bio", "avatar"):
        if name in data:
            setattr(profile, name, data[name])
    db.session.commit()
    return jsonify({"message": "Profile updated successfully"})
