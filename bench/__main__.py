"""``python -m bench``: measure."""

from bench.run import main

main()
