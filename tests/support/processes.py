"""Processes of a test's own, forked from one that has imported both blogs and has opened nothing."""

import os
import sys
from functools import cache
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext
from unittest import mock


@cache
def own_processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["support.ready"])
    # The server looks for what it imports where an interpreter looks by itself.
    with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        forkserver.ensure_running()
    return context
