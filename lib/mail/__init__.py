"""The mails the product sends, and the service that takes them."""
