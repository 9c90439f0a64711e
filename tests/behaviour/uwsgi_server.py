"""uWSGI of the wheel ``pyuwsgi``, which is no module that can be run."""

import sys

import pyuwsgi  # type: ignore[import-not-found]

if __name__ == "__main__":
    pyuwsgi.run(sys.argv[1:])
