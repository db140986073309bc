"""The blog on Flask for any WSGI server, from the environment of the process that serves it."""

import json
import os
from pathlib import Path

from blog_flask.app import create_app
from support.blog import CHEAP_HASHING, KEYS

TRANSPORT = json.loads(os.environ["SITE_TRANSPORT"])
application = create_app(
    database_url=os.environ["BLOG_DATABASE_URL"], secret_key=os.environ["BLOG_SECRET_KEY"], keys=KEYS,
    mail_folder=Path(os.environ["BLOG_DATA"]) / "mail", settings={"transport": TRANSPORT, "hashing": CHEAP_HASHING},
)  # fmt: skip
