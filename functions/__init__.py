"""Verbs: what the product does. One file per use case, named like its one public function."""
