"""English by switch: pages are written in Chinese and translated as they leave.

``catalogue`` looks words up, ``page`` puts them into a page, ``switch`` remembers who wants it,
``sources`` knows every Chinese word that is shipped. The words are gettext files in ``en/``.
Why it is done so: ``docs/decisions/0012-english.md``.
"""
