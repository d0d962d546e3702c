"""The engine: cases, their processes, data, clocks and history. This is its only door.

Commands change something, each in one transaction; queries read. Both take a ``Runtime``.
Everything they raise on purpose is an ``EngineError``.
"""
