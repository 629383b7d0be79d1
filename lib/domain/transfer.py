"""What leaves the European Union, where to, and by which tool: what the public list is made of, and the register of
sub-processors' transfers.

It follows from what the code sends to whom, so it is kept beside the code. What a customer tells the product to send (to
their CRM, chat or webhooks) is their own transfer, and not in it.

Sources: Resend, "Choosing a Region" (account data is kept in the United States whatever the region is); the vendors' data
processing agreements.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transfer:
    """What may leave the European Union.

    recipient: the vendor. purpose, data: what for, and what of. place: where to. tool: what makes it lawful (GDPR, chapter V).
    policy_url: the vendor's own agreement. setting: without which there is no such transfer; None where there always is.
    """

    recipient: str
    purpose: str
    data: str
    place: str
    tool: str
    policy_url: str
    setting: str | None = None


_SCC = "EU-US Data Privacy Framework where the vendor is certified; else Standard Contractual Clauses (2021/914)"
TRANSFERS = (
    Transfer(
        "Supabase",
        "Support and operation of the database's platform",
        "What staff of the vendor may see when they mend a fault. The database itself and its backups stay in the region.",
        "United States, Singapore",
        _SCC,
        "https://supabase.com/legal/dpa",
    ),
    Transfer(
        "Vercel",
        "Delivery at the edge, operation and logs of the platform",
        "A request is received by the edge nearest to whoever sends it, with its address; functions run in the region alone. "
        "Function logs, which hold no address.",
        "Worldwide edge; United States",
        _SCC,
        "https://vercel.com/legal/dpa",
    ),
    Transfer(
        "Resend",
        "Records of sent mails",
        "The recipient's address, subject, content and what became of the mail. Mails leave from the region; their records are "
        "kept in the United States.",
        "United States",
        _SCC,
        "https://resend.com/legal/dpa",
        "RESEND_API_KEY",
    ),
    Transfer(
        "Stripe",
        "Payments over the global payment network",
        "Name, address and tax number of the paying company, and what the payment itself needs. No visits, no contacts.",
        "Worldwide",
        _SCC,
        "https://stripe.com/legal/dpa",
        "STRIPE_REGION",
    ),
    Transfer(
        "Sentry",
        "Support and operation of fault reports",
        "Type and place of a fault in our own code. Reports are kept in the European Union, and name nobody.",
        "United States",
        _SCC,
        "https://sentry.io/legal/dpa/",
        "SENTRY_DSN",
    ),
    Transfer(
        "Hunter",
        "Finding contacts at a company",
        "The company's domain, and which roles are looked for. Nothing of visits, visitors or customers.",
        "United States",
        _SCC,
        "https://hunter.io/data-processing-agreement",
        "HUNTER_API_KEY",
    ),
)


def transfers(settings: Mapping[str, str]) -> list[Transfer]:
    """The transfers that a deployment has, by the settings' names and values."""
    return [transfer for transfer in TRANSFERS if transfer.setting is None or settings.get(transfer.setting, "").strip()]
