"""Official documents (文书): templates of a region rendered from case data, stored as issued.

- ``issue``     number, render, seal and record a document; inside a command, before it is written
- ``rendering`` a template file and names → the finished file (docx, xlsx, txt)
- ``names``     what a template may say: data, functions, the region, and filters
- ``preview``   a finished file as plain HTML, for a page
"""
