"""Measurements: this system beside what a developer builds in an afternoon, in one run.

``baseline/``  the afternoon's work, and the workload as its diagram
``pack/``      the same workload as a region pack of ours
``run``        one command: starts everything, drives both in turn, prints ratios
"""
