"""The words that tell what an organisation is: words.txt, read once."""

from pathlib import Path


def _read() -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            current += line.split()
    return sections


_SECTIONS = _read()
CARRIER = _SECTIONS["carrier"]
HOSTER = _SECTIONS["hoster"]
RELAY = _SECTIONS["relay"]
GOVERNMENT = _SECTIONS["government"]
EDUCATION = _SECTIONS["education"]
NONPROFIT = _SECTIONS["nonprofit"]
COMPANY_SECTOR = _SECTIONS["company_sector"]
LEGAL_FORM = _SECTIONS["legal_form"]
SOLE_TRADER = _SECTIONS["sole_trader"]
