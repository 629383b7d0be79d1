"""Build the company-IP table from pinned data releases. Nothing of this is deployed; only its product is."""

from pathlib import Path

FOLDER = Path(__file__).parent
DATA = FOLDER / "data"
