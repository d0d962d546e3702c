"""What agencies can be asked, how they are reached, and the worker that asks them.

One file per agency: importing this package imports each of them, and each registers its
operations in ``engine.operations.operations``. A new agency is one new file here.
"""

from importlib import import_module
from pkgutil import iter_modules

#: The modules beside the agencies: what all agencies share, and the worker.
SHARED = frozenset({"envelope", "fields", "jobs", "qr", "signature", "worker"})

for _module in iter_modules(__path__):
    if not _module.ispkg and _module.name not in SHARED:
        import_module(f"{__name__}.{_module.name}")
