"""From what customers corrected to what the next table says: `python -m dev table corrections` and `... promote`.

An operator sees which companies were corrected, as what, and by how many accounts; no account, person or note. What
they find to be true they promote: it becomes a review in data/readings.csv, or a merger in data/members.csv.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dev.database import Connection
from dev.table.companies.keys import Companies
from dev.table.kinds.readings import Reading, hashed

# What a verdict says of every holder of the company. `own` is true for one account alone.
LETTER_OF_VERDICT = {"isp": "i", "wrong_company": "u"}
_CORRECTIONS = """
select company.company_key, min(company.name), correction.verdict, target.company_key, count(distinct correction.account_id)
from public.corrections as correction
join public.companies as company on company.id = correction.company_id
left join public.companies as target on target.id = correction.same_as_company_id
where correction.undone_at is null and correction.verdict <> 'own' and correction.created_by is not null
group by company.company_key, correction.verdict, target.company_key
order by count(distinct correction.account_id) desc, company.company_key
"""
_LINE = "{:>8}  {:<32}  {:<40}  {}"
HEADINGS = _LINE.format("accounts", "corrected as", "key", "name")


@dataclass(frozen=True, slots=True)
class Corrected:
    """A company as members of some accounts corrected it."""

    company_key: str
    name: str
    verdict: str
    same_as: str | None
    accounts: int

    def __str__(self) -> str:
        verdict = f"same as {self.same_as}" if self.same_as else self.verdict
        return _LINE.format(self.accounts, verdict, self.company_key, self.name)


def list_corrected(connection: Connection) -> list[Corrected]:
    """What holds now, the most often corrected first."""
    return [Corrected(*row) for row in connection.execute(_CORRECTIONS)]


def review_all(readings: dict[str, Reading], holders: Sequence[str], letter: str) -> dict[str, Reading]:
    """The readings after a review of a company's holders; one that is not shown any more stands as a hash."""
    reviewed = dict(readings)
    for holder in holders:
        reading = reviewed.pop(holder, None) or reviewed.pop(hashed(holder), Reading("", ""))
        name = holder if letter in "cegn" else hashed(holder)
        reviewed[name] = Reading(reading.first, reading.second, letter)
    return reviewed


def holders_of(companies: Companies, key: str) -> list[str]:
    """The holders of a company, by its present or a former key; raises ValueError when there is none."""
    present = companies.former.get(key, key)
    holders = [holder for holder, of in companies.members.items() if of == present]
    if not holders:
        raise ValueError(f"The company-IP table has no company with the key {key!r}.")
    return holders
