"""Settings of the blog on Django for any server, from the environment of the process that serves it."""

import json
import os

from blog_django.settings import *  # noqa: F403 -- all of them
from blog_django.settings import BASTIDE
from support.blog import KEYS

BASTIDE_KEYS = KEYS
TRANSPORT = json.loads(os.environ["SITE_TRANSPORT"])
ALLOWED_HOSTS = TRANSPORT["allowed_hosts"]
PASSWORD_HASHERS = ["support.cheap_hasher.CheapHasher"]
BASTIDE = {**BASTIDE, "transport": TRANSPORT}
