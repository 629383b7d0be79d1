"""Nouns: what the verbs in functions/ work with. Never imports api, functions, dev or tests."""
