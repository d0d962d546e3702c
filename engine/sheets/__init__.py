"""Forms as tables: one row per answer, one column per field, in workbooks people send around.

- ``columns_of``   a form → its columns
- ``write_book``   tables → a workbook whose cells are text, protected where nobody should type
- ``read_tables``  a workbook or CSV file from outside, believed nothing → rows of text
- ``answers_of``   a row of text → answers of the form
"""

from engine.sheets.columns import Column, answers_of, cell_of, columns_of
from engine.sheets.reading import Table, read_tables
from engine.sheets.writing import Sheet, write_book

__all__ = [
    "Column",
    "Sheet",
    "Table",
    "answers_of",
    "cell_of",
    "columns_of",
    "read_tables",
    "write_book",
]
