"""Which company a holder is, under which key and name, and what is known of it."""
