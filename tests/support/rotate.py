"""Rotates the keys of one blog, in a process of its own: ``rotate.py FRAMEWORK URL FOLDER KEYS``."""

import sys
from pathlib import Path

from bastide.testing import FrozenClock
from conftest import make_blog

if __name__ == "__main__":
    framework, url, folder, keys = sys.argv[1:]
    blog = make_blog(url, Path(folder), FrozenClock(), framework=framework, keys=keys)
    status, output = blog.run("keys", "rotate")
    blog.close()
    sys.stdout.write(output)
    sys.exit(status)
