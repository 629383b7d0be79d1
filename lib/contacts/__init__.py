"""Providers of contacts: who is asked for whom to speak to at a company, over HTTP. What they answer is trusted in nothing."""
