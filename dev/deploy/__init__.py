"""The real `vercel build`, without an account or a network, and what to check of its output."""
