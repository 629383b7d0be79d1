"""How good the table is, on samples held apart from everything it is made of."""
