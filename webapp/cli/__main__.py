"""``python -m webapp.cli``: the command without its installed script."""

from webapp.cli import main

main()
