"""Tools for developing Leadsment. Never deployed: nothing under api/, functions/ or lib/ imports this package."""
