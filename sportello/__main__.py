"""``python -m sportello``: the command line."""

import sys

from sportello.config.cli import main

if __name__ == "__main__":
    sys.exit(main())
