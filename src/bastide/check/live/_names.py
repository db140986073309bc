"""What applications are called where nobody says."""

from typing import Final

OBJECTS: Final = ("app", "application", "wsgi", "flask_app")
FACTORIES: Final = ("create_app", "make_app", "build_app", "get_app", "app_factory", "create_application")
