"""A site whose users have UUIDs for keys, on either framework: the suites run on it as they run on the blog."""

import os


def is_tried() -> bool:
    """Tell whether this process tries this site in the blog's place."""
    return os.environ.get("BASTIDE_TRY") == "uuid_site"
