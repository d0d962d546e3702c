"""The rules a region pack must keep, one subject per file. ``engine.packs.check`` asks them all."""
