"""Accounts and tokens. A token is looked up in the blacklist, verified, and its user read, each time."""

import datetime
import os
from functools import wraps

import jwt
import redis
from flask import Flask, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

from models import User
from shared.database import db, init_db

app = Flask(__name__)
app.config["SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]
init_db(app)
blacklist = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)


def bearer():
    return request.headers.get("Authorization", "").replace("Bearer ", "")


def refused(message, status=401):
    return jsonify({"message": message}), status


def token_required(view):
    @wraps(view)
    def guarded():
        token = bearer()
        if not token:
            return refused("Token is missing!")
        if blacklist.get(f"blacklist:{token}"):
            return refused("Token has been revoked!")
        try:
            claims = jwt.decode(token, app.config["SECRET_KEY"], algorithms=["HS256"])
        except jwt.ExpiredSignatureError:
            return refused("Token has expired!")
        except jwt.InvalidTokenError:
            return refused("Invalid token!")
        return view(User.query.filter_by(public_id=claims["public_id"]).first())

    return guarded


@app.get("/health")
def health():
    return jsonify({"status": "Auth service is healthy"})


@app.post("/auth/register")
def register():
    data = request.get_json()
    taken = (User.email == data["email"]) | (User.username == data["username"])
    if User.query.filter(taken).first():
        return refused("User already exists", 409)
    # The tutorial leaves the hash open. Werkzeug's own, which comes with Flask, is what people take; of its methods the
    # one that fits the column of 120 characters is PBKDF2, here with the 260,000 rounds of Debian's release.
    hashed = generate_password_hash(data["password"], method="pbkdf2:sha256")
    db.session.add(User(username=data["username"], email=data["email"], password_hash=hashed))
    db.session.commit()
    return jsonify({"message": "User registered successfully"}), 201


@app.post("/auth/login")
def login():
    data = request.get_json()
    user = User.query.filter_by(email=data["email"]).first()
    if not user or not check_password_hash(user.password_hash, data["password"]):
        return refused("Invalid credentials")
    expiry = datetime.datetime.utcnow() + datetime.timedelta(hours=24)
    claims = {"public_id": user.public_id, "exp": expiry}
    token = jwt.encode(claims, app.config["SECRET_KEY"], algorithm="HS256")
    return jsonify({"token": token, "user_id": user.public_id})


@app.post("/auth/validate")
@token_required
def validate(user):
    return jsonify({"valid": True, "user_id": user.public_id})


@app.post("/auth/logout")
@token_required
def logout(_user):
    blacklist.setex(f"blacklist:{bearer()}", 3600, "true")
    return jsonify({"message": "Logged out successfully"})
