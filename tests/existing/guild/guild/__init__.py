"""The minutes of a guild: Flask-Security has its accounts."""

from flask import Flask
from flask_security import SQLAlchemyUserDatastore

from guild.models import Role, User, db, migrate, security


class Config:
    SECRET_KEY = "development" * 4
    SQLALCHEMY_DATABASE_URI = "sqlite:///guild.sqlite3"
    SECURITY_PASSWORD_SALT = "146585145368132386173505678016728509634"
    SECURITY_PASSWORD_SCHEMES = ["argon2", "bcrypt", "pbkdf2_sha512", "pbkdf2_sha256", "scrypt", "django_pbkdf2_sha256"]
    SECURITY_DEPRECATED_PASSWORD_SCHEMES = []
    SECURITY_SEND_REGISTER_EMAIL = False


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    migrate.init_app(app, db)
    security.init_app(app, SQLAlchemyUserDatastore(db, User, Role))

    from guild import minutes

    app.register_blueprint(minutes.bp)
    return app
