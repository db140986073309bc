"""A journal that several people keep: the first application that a tutorial makes."""

from pathlib import Path

from flask import Flask


def create_app(test_config=None):
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY="dev" * 16, DATABASE=f"sqlite:///{app.instance_path}/journal.sqlite3")
    if test_config is None:
        app.config.from_pyfile("config.py", silent=True)
    else:
        app.config.update(test_config)
    Path(app.instance_path).mkdir(exist_ok=True)

    from journal import auth, db, entries

    db.init_app(app)
    app.register_blueprint(auth.bp)
    app.register_blueprint(entries.bp)
    app.add_url_rule("/", endpoint="index")
    return app
