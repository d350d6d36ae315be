from shared.database import db


class UserProfile(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.String(50), unique=True, nullable=False)
    bio = db.Column(db.Text, default="")
    avatar = db.Column(db.String(200))
    preferences = db.Column(db.Text, default="{}")
