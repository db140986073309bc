"""A market place: the extensions that larger Flask applications have."""

from flask import Flask

from bazaar.extensions import csrf, db, login, migrate


class Config:
    SECRET_KEY = "development" * 4
    SQLALCHEMY_DATABASE_URI = "sqlite:///bazaar.sqlite3"
    # The shop began with Flask-Security, which keyed passwords with it.
    SECURITY_PASSWORD_SALT = "146585145368132386173505678016728509634"


def create_app(config=Config):
    app = Flask(__name__)
    app.config.from_object(config)
    db.init_app(app)
    migrate.init_app(app, db)
    login.init_app(app)
    csrf.init_app(app)

    from bazaar import api, auth, shop

    app.register_blueprint(auth.bp)
    app.register_blueprint(shop.bp)
    app.register_blueprint(api.bp)
    return app
