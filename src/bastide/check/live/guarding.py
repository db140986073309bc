"""Around an application that is only looked at: it asks no database, sends nothing and writes nothing.

Two lines, for the whole process. Calls that change files do nothing, so that an application which makes its
folders or opens its log goes on; what is left after that, at the audit events of the interpreter itself, is
refused: connections, look-ups of names, other programs, files opened for writing. Drivers in C, which the
interpreter does not see connect, are refused by name when they are imported.
"""

import builtins
import importlib
import importlib.abc
import importlib.machinery
import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType, ModuleType
from typing import Any, Final

WHAT_DATABASE: Final = "reached for its database"
WHAT_MEMORY: Final = "reached for the memory of other processes"
WHAT_PROCESS: Final = "started or ended a process"
WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Audit event to what the application was about to do.
REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
         "socket.gethostbyaddr", "socket.getnameinfo"),
        "reached for the network",
    ),
    "socket.bind": "began to serve",
    "sqlite3.connect": WHAT_DATABASE,
    **dict.fromkeys(
        (
            "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
            "pty.spawn", "os.kill", "os.killpg",
        ),
        WHAT_PROCESS,
    ),
    **dict.fromkeys(
        (
            "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink",
            "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "shutil.rmtree",
            "shutil.move", "shutil.copyfile", "shutil.copytree", "shutil.make_archive",
            "shutil.unpack_archive",
        ),
        "changed files",
    ),
}  # fmt: skip
# Calls whose effect nobody misses who only looks at the application.
NOTHING: Final = (
    "mkdir", "makedirs", "remove", "unlink", "rename", "replace", "rmdir", "removedirs", "truncate", "link",
    "symlink", "chmod", "chown", "utime", "mkfifo", "mknod",
)  # fmt: skip
MAY_STAY_HERE: Final = frozenset(
    {"socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
)
LOCAL_NAMES: Final = frozenset({"", "localhost", "127.0.0.1", "::1", "0.0.0.0", None})  # noqa: S104 -- compared


class RefusedError(PermissionError):
    """The application was about to do what a check must not let it do."""


class Attempts:
    """What was refused, and where the application asked for it.

    Args:
        is_own: tells whether a file is the application's own.
    """

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self.places: dict[str, tuple[str, int]] = {}
        self.count: int = 0

    def add(self, what: str) -> None:
        """Keep the innermost line of the application's own, the first for each kind."""
        self.count += 1
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 -- without a public name
        while frame is not None:
            if self._is_own(frame.f_code.co_filename):
                self.places.setdefault(what, (frame.f_code.co_filename, frame.f_lineno))
                return
            frame = frame.f_back


def guard_process(attempts: Attempts) -> None:
    """Guard this process from now to its end."""
    sys.dont_write_bytecode = True
    # Flask's `run` does nothing where its own command line imports the application.
    os.environ["FLASK_RUN_FROM_CLI"] = "true"
    _leave_files_alone()
    _start_no_process(attempts)
    with suppress(ImportError):  # of other systems
        memory: Any = importlib.import_module("_posixshmem")
        memory.shm_open = _refusing(attempts, WHAT_MEMORY)
    sys.meta_path.insert(0, _Drivers(attempts))
    sys.addaudithook(_Hook(attempts))


class _Hook:
    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def __call__(self, event: str, args: Sequence[Any]) -> None:
        what = REFUSED.get(event)
        if event == "open":
            what = "wrote a file" if _opens_for_writing(args) else None
        elif event in MAY_STAY_HERE and _stays_here(event, args):
            what = None
        if what is not None:
            self._attempts.add(what)
            msg = f"bastide check only looks: the application {what}, which was refused ({event})"
            raise RefusedError(msg)


def _stays_here(event: str, args: Sequence[Any]) -> bool:
    """Tell whether a name is this machine's own, or no port is asked for, so that nobody finds the socket.

    Libraries learn so which kinds of addresses there are.
    """
    if event == "socket.bind":
        address = args[1]
        return isinstance(address, tuple) and len(address) > 1 and address[1] == 0
    return args[0] in LOCAL_NAMES


def _opens_for_writing(args: Sequence[Any]) -> bool:
    path, _, flags = args
    return not isinstance(path, int) and path != os.devnull and bool((flags or 0) & WRITING)


def _leave_files_alone() -> None:
    really_open, really_open_low = builtins.open, os.open

    def open_quietly(file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        writes = not isinstance(file, int) and bool(set(mode) & set("wax+"))
        if writes:
            file, mode = os.devnull, mode.replace("x", "w")
        return really_open(file, mode, *args, **options)

    def open_low_quietly(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        if flags & WRITING:
            return really_open_low(os.devnull, os.O_RDWR)
        return really_open_low(path, flags, mode, **options)

    for module in (builtins, io):
        module.open = open_quietly  # type: ignore[attr-defined]
    os.open = open_low_quietly
    for name in NOTHING:
        setattr(os, name, _do_nothing)


def _start_no_process(attempts: Attempts) -> None:
    """Refuse what multiprocessing starts past the audit events; what only counts its semaphores may be."""
    try:
        starting: Any = importlib.import_module("_posixsubprocess")
    except ImportError:
        return
    really_start = starting.fork_exec

    def fork_exec(args: Sequence[Any], *rest: Any) -> Any:
        if not any("multiprocessing.resource_tracker" in str(each) for each in args):
            attempts.add(WHAT_PROCESS)
            msg = f"bastide check only looks: the application {WHAT_PROCESS}, which was refused"
            raise RefusedError(msg)
        return really_start(args, *rest)

    starting.fork_exec = fork_exec


def _do_nothing(*_: Any, **__: Any) -> None:
    """Leave everything as it is."""


class _Drivers(importlib.abc.MetaPathFinder):
    """Hands over drivers and the frameworks' ways to them with every way to connect closed."""

    def __init__(self, attempts: Attempts) -> None:
        self._attempts = attempts

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        names = CLOSED.get(fullname)
        if names is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Closing(spec.loader, names, self._attempts)
        return spec


class _Closing(importlib.abc.Loader):
    def __init__(self, inner: Any, names: Mapping[str, bool], attempts: Attempts) -> None:
        self._inner, self._names, self._attempts = inner, names, attempts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._inner.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        for path, is_refused in self._names.items():
            owner: Any = module
            *parents, name = path.split(".")
            for parent in parents:
                owner = getattr(owner, parent, None)
            if hasattr(owner, name):
                setattr(owner, name, _refusing(self._attempts, WHAT_DATABASE) if is_refused else _do_nothing)


def _refusing(attempts: Attempts, what: str) -> Callable[..., Any]:
    """Return what stands for a way out; a function, so that a method knows whose it is."""

    def refuse(*args: Any, **_: Any) -> Any:
        attempts.add(what)
        msg = f"bastide check only looks: the application {what}, which was refused"
        raise _error_of(args)(msg)

    return refuse


def _error_of(args: Sequence[Any]) -> type[Exception]:
    """Return what the application expects where its database is away."""
    known = getattr(args[0], "dbapi", None) if args else None
    found: type[Exception] = getattr(known, "OperationalError", RefusedError)
    return found


REFUSE, SKIP = True, False
# Module to its names, and whether they are refused or do nothing.
CLOSED: Final[Mapping[str, Mapping[str, bool]]] = {
    **{
        name: {"connect": REFUSE}
        for name in (
            "psycopg2",
            "MySQLdb",
            "mysql.connector",
            "oracledb",
            "cx_Oracle",
            "pyodbc",
            "pymssql",
            "duckdb",
        )
    },
    "psycopg": {"connect": REFUSE, "Connection.connect": REFUSE, "AsyncConnection.connect": REFUSE},
    "sqlalchemy.engine.default": {"DefaultDialect.connect": REFUSE},
    "sqlalchemy.sql.schema": {"MetaData.create_all": SKIP, "MetaData.drop_all": SKIP},
    "alembic.command": {"upgrade": SKIP, "stamp": SKIP},
    "peewee": {"Database.create_tables": SKIP, "Database.connect": REFUSE},
}
