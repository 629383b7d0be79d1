"""Where ranges come from: the bundled data release, tables of an operator's own, networks the team recorded."""
