"""The process that looks at one application: ``python -m bastide.check.live._child REQUEST ANSWER``."""

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from bastide.check.live.guarding import Attempts, guard_process
from bastide.check.live.parts import own_fault
from bastide.check.live.places import Places
from bastide.check.live.targets import Target

HANGS: Final = 3


class Answer:
    """What goes back to whoever started this process: written once, whatever else happens."""

    def __init__(self, path: str) -> None:
        # Opened before the guard, and the only file that is.
        self._file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 -- until the process ends
        self._lock = threading.Lock()

    def send(self, status: int, **parts: Any) -> None:
        """Write the answer and end the process, its threads and what it wanted to do at its end included."""
        with self._lock:
            json.dump(parts, self._file)
            self._file.flush()
            os._exit(status)


def main(request_text: str, answer_path: str) -> None:
    """Load the application, look at it, answer, and end."""
    request, answer = json.loads(request_text), Answer(answer_path)
    target = Target(**{**request["target"], "folder": Path(request["target"]["folder"])})
    places = Places(Path(request["root"]), target.name)
    attempts = Attempts(places.is_own)
    _watch(request["seconds"], places, answer)
    guard_process(attempts)
    from bastide.check.live.looking import look  # noqa: PLC0415 -- with drivers closed

    try:
        parts = look(target, places, attempts, workers=request["workers"])
    except BaseException as error:  # noqa: BLE001 -- of this program's own
        answer.send(1, faults=[own_fault(error)])
    else:
        answer.send(0, **parts)


def _watch(seconds: float, places: Places, answer: Answer) -> None:
    """End the process once its time is up, and say where it stood."""
    main_thread = threading.get_ident()

    def wait() -> None:
        time.sleep(seconds)
        frame: Any = sys._current_frames().get(main_thread)  # noqa: SLF001 -- without a public name
        while frame is not None and not places.is_own(frame.f_code.co_filename):
            frame = frame.f_back
        where = (
            f" ({places.at(frame.f_code.co_filename, 1).path}:{frame.f_lineno})" if frame is not None else ""
        )
        answer.send(
            HANGS,
            faults=[
                f"the application is still starting after {seconds:g} seconds{where}; --timeout waits longer"
            ],
        )

    threading.Thread(target=wait, daemon=True, name="bastide-check").start()


if __name__ == "__main__":
    main(*sys.argv[1:])
