"""Brings the PO files up to date with the English, and says how many messages wait for a translation.

python -m book.translation [LANGUAGE …]
"""

import sys

from book.translation.catalogs import ENGLISH, TranslationError, update
from cxassess.model import load_model

if __name__ == "__main__":
    for language in sys.argv[1:] or [code for code in load_model().languages if code != ENGLISH]:
        try:
            waiting = {source: count for source, count in update(language) if count}
        except TranslationError as problem:
            sys.exit(str(problem))
        for source, count in waiting.items():
            print(f"{language} {source}: {count} waiting")
        print(f"{language}: {sum(waiting.values())} messages wait for a translation")
