"""The whole product on one machine: PostgreSQL, PostgREST, auth, gateway, edge with the functions, and a mail sink."""

from dev.stack.stack import Stack, running_stack

__all__ = ["Stack", "running_stack"]
