"""演练: a region to practise in, with invented people only (JL-065).

A practice region is a folder of its own (``practice = true`` and the region it practises as
``parent``), so that its cases, settings and numbers can never be mixed with live ones.
"""

#: The county digits of an identity number that no county has: whoever bears it is invented (R6).
NO_COUNTY = "99"
MARK = "【演练】"
SEAL = "演练专用　不具效力"


def is_invented(id_no: str) -> bool:
    """Whether an identity number (normalised, 18 characters) can belong to nobody."""
    return id_no[4:6] == NO_COUNTY
