"""Decision tables (决策表): rows of conditions and results, drawn by designers as DMN files.

``reading`` turns a file into a ``Table``, ``cells`` a cell into an expression of our language,
``table`` decides, ``overlap`` finds rows that would both match. Not the process library's own
engine, which takes the first match of a unique table and reads cells as Python.
"""
