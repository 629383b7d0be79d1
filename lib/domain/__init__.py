"""Pure shapes and rules: no input, no output, no clock; the standard library and pydantic only."""
