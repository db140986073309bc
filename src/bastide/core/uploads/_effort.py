"""How long a file may keep its judges."""

from time import thread_time

from bastide.core.foundation import InvalidInput
from bastide.core.uploads.kinds import FIELD


class TimeLimit:
    """So many seconds of this thread's own processor time, from when it is made.

    What others do meanwhile does not count, so that a busy machine refuses no more than an idle one. A
    process for each document could be ended in the middle of a step, but would cost every honest sender its
    start; so what bounds a step is what is counted before it, and this bounds their sum.

    Args:
        seconds: what may be used.
    """

    def __init__(self, seconds: float) -> None:
        self._end = thread_time() + seconds

    def verify(self) -> None:
        """Accept that there is time left; asked between steps, it ends none of them.

        Raises:
            InvalidInput: ``file_slow``.

        Threat: documents made to keep their judges busy (V5.2.3, V15.2.2).
        """
        if thread_time() > self._end:
            raise InvalidInput(FIELD, "file_slow")
