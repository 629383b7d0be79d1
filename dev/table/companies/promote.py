"""From what customers corrected to what the next table says: `python -m dev table corrections` and `... promote`.

An operator sees which companies were corrected, as what, and by how many accounts; no account, person or note. What
they find to be true they promote: it becomes a review in data/readings.csv, or a merger in data/members.csv and
data/directory.csv.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from dev.database import Connection
from dev.table.companies.facts import Entry
from dev.table.companies.keys import Companies
from dev.table.kinds.readings import Reading, hashed

# What a verdict says of every holder of the company. `own` is true for one account alone.
LETTER_OF_VERDICT = {"isp": "i", "wrong_company": "u"}
# Nobody said it (created_by is null) where a newer table joined two companies.
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


def review_all(readings: Mapping[str, Reading], holders: Iterable[str], letter: str) -> dict[str, Reading]:
    """The readings after a review of a company's holders as a kind that is not shown: hashes stand for their names."""
    reviewed = dict(readings)
    for holder in holders:
        read = reviewed.pop(holder, None) or reviewed.pop(hashed(holder), None) or Reading("", "", letter)
        reviewed[hashed(holder)] = replace(read, review=letter)
    return reviewed


def join(companies: Companies, directory: Mapping[str, Entry], key: str, other: str) -> tuple[Companies, dict[str, Entry]]:
    """The companies and the directory after one turned out to be another; what is known of it goes on where that has nothing.

    Raises ValueError when there is none with one of the keys, or both are of one company already.
    """
    going, into = (companies.members[holders_of(companies, each)[0]] for each in (key, other))
    if going == into:
        raise ValueError(f"{key!r} and {other!r} are keys of one company already.")
    entries = dict(directory)
    known = entries.pop(going, None)
    if known:
        entries.setdefault(into, replace(known, company_key=into))
    return companies.merged([going], into), entries


def holders_of(companies: Companies, key: str) -> list[str]:
    """The holders of a company, by its present or a former key; raises ValueError when there is none."""
    present = companies.former.get(key, key)
    holders = [holder for holder, of in companies.members.items() if of == present]
    if not holders:
        raise ValueError(f"The company-IP table has no company with the key {key!r}: `table corrections` lists keys.")
    return holders
