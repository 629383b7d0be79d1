"""Benchmarks: figures beside a named peer or floor, measured in the same run. Never part of the tests."""
