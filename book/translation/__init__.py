"""The course in another language than English: the messages of its pages and lessons, and editions made from them.

English stands in the pages and lessons themselves; another language in `book/locale/<language>/`, one PO file for each
of them. `python -m book.translation` brings the PO files up to date with the English.
"""
