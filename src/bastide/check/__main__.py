"""``python -m bastide.check`` is ``bastide check``, in the environment of this Python."""

from bastide.check.command import check

if __name__ == "__main__":
    check()
