"""`python -m cxassess.cli` is the command `cxassess`."""

import sys

from cxassess.cli import main

sys.exit(main())
