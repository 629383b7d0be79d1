"""A demo that anyone can start: the whole product with an account, a site, and a believable working day."""
