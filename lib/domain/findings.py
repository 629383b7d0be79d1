"""What can be wrong with an installation, in words for the person who has to mend it."""

from dataclasses import dataclass
from enum import StrEnum

from lib.domain.content_policy import Obstacle, origin_of
from lib.errors import PageUnreachable


class Severity(StrEnum):
    """How much a finding matters."""

    BAD = "bad"  # no beacon comes until this is mended
    WAIT = "wait"  # beacons may come later, or only from some visitors
    NOTE = "note"  # worth knowing
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. code: for programs. mend: what to do about it. add: the very text to add, where there is one."""

    code: str
    severity: Severity
    message: str
    mend: str = ""
    add: str = ""


ALL_FINE = Finding(
    "all_fine",
    Severity.GOOD,
    "The page carries your snippet, and nothing on it stands in the way.",
    "Open the page in a browser: the line above tells of its beacon within two seconds.",
)
NOT_HTML = Finding(
    "not_html",
    Severity.BAD,
    "This address answers with something other than a web page.",
    "Enter the address of one of your pages.",
)
NO_TAG = Finding(
    "no_tag",
    Severity.BAD,
    "The page does not carry the snippet.",
    "Paste it before </head>, publish the change, and empty the caches of your website: pages may be kept by a plugin, a server "
    "or a content delivery network.",
)
TAG_IN_CODE = Finding(
    "tag_in_code",
    Severity.NOTE,
    "The page's own code adds the snippet when it runs, which cannot be seen from here.",
    "Open the page in a browser and watch the line above.",
)
ONLY_TAG_MANAGER = Finding(
    "only_tag_manager",
    Severity.NOTE,
    "The page itself does not carry the snippet, but it carries Google Tag Manager, into which we cannot see.",
    "Check that the container is published and the tag fires on all pages. Then open the page in a browser and watch the line "
    "above.",
)
SEVERAL_TAGS = Finding(
    "several_tags",
    Severity.WAIT,
    "The page carries the snippet more than once. Only the first one counts.",
    "Remove the others: one of them may come from a plugin, a template or the tag manager.",
)
TAG_WITHOUT_KEY = Finding(
    "tag_without_key",
    Severity.BAD,
    "The page loads the snippet, but the tag does not say for which site: data-site is missing.",
    "Copy the whole line again. If a plugin removes attributes of script tags, use the code for Google Tag Manager instead.",
)
TAG_OF_ANOTHER_SITE = Finding(
    "tag_of_another_site",
    Severity.BAD,
    "The first tag with data-site on the page has the key of another site.",
    "Replace it by the line shown on this page.",
)
MODULE = Finding(
    "tag_is_module",
    Severity.BAD,
    'The tag says type="module". A module is not told which tag it came from, so it does not find its key.',
    'Remove type="module" from the tag.',
)
HELD_BACK = Finding(
    "tag_is_held_back",
    Severity.WAIT,
    "The tag's type is not that of a script, so browsers do not run it. Consent banners and optimising plugins hold scripts back "
    "so.",
    "If you did not want this, tell the banner or plugin to leave the snippet alone. Otherwise nothing is sent until it lets it "
    "run.",
)
NOT_LOADED = Finding(
    "tag_without_source",
    Severity.BAD,
    "The tag has no src, so the browser loads nothing.",
    "Copy the whole line again. If a plugin moved src elsewhere to load scripts later, tell it to leave the snippet alone.",
)
WAITS_FOR_CONSENT = Finding(
    "waits_for_consent",
    Severity.WAIT,
    "The tag says data-consent, so nothing is sent until a visitor agrees.",
    "Give consent in your own banner to test. If nothing comes then either, the banner does not run the code shown under "
    "“Wait for consent”. If you need no consent, remove data-consent.",
)
MIXED_CONTENT = Finding(
    "mixed_content",
    Severity.BAD,
    "The page comes by https and the script by http: browsers do not load it.",
    "Write https:// in the tag's src.",
)
FIRST_PARTY = Finding(
    "first_party", Severity.NOTE, "The script comes through a proxy on a host of yours, so ad blockers and policies let it pass."
)
NO_CROSSORIGIN = Finding(
    "integrity_without_crossorigin",
    Severity.BAD,
    "The tag pins the script by its hash but does not say crossorigin: browsers then cannot check the hash and do not run it.",
    "Add this to the tag.",
    'crossorigin="anonymous"',
)
INTEGRITY_OF_CURRENT = Finding(
    "integrity_of_current",
    Severity.WAIT,
    "The tag pins /s.js by its hash. That file changes with each release, and browsers will not run it from then on.",
    "Choose “Pin this version” and copy the line again: its file never changes.",
)
INTEGRITY_DIFFERS = Finding(
    "integrity_differs",
    Severity.BAD,
    "The hash in the tag is not that of the script, so browsers do not run it.",
    "Choose “Pin this version” and copy the line again.",
)
SCRIPT_UNREACHABLE = Finding(
    "script_unreachable",
    Severity.BAD,
    "The page loads the script from an address that does not answer with it.",
    "Open the script's address in a browser. If it is your proxy's, compare its set-up with the recipe; if it names a version, "
    "check that this version exists.",
)
SANDBOX = Finding(
    "policy_sandboxes",
    Severity.BAD,
    "The page's Content-Security-Policy puts it into a sandbox in which scripts do not run, or do not know where they are.",
    "Add this to the directive sandbox, or remove the directive.",
    "allow-scripts allow-same-origin",
)


def script_from_elsewhere(url: str, expected: str) -> Finding:
    """The tag loads a script that is neither ours nor on a host of the site."""
    return Finding(
        "script_from_elsewhere",
        Severity.BAD,
        f"The tag loads its script from {origin_of(url)}, which is neither ours nor one of your site's hosts.",
        "Write this into the tag's src.",
        expected,
    )


def policy_blocks_script(obstacle: Obstacle) -> Finding:
    """A policy keeps the script from loading."""
    stated = f"The page's Content-Security-Policy does not let the script load: {obstacle.directive} does not allow it."
    return _policy_blocks("policy_blocks_script", stated, obstacle)


def policy_blocks_beacon(obstacle: Obstacle) -> Finding:
    """A policy keeps the beacons from leaving the page."""
    stated = f"The page's Content-Security-Policy does not let beacons go: {obstacle.directive} does not allow where they go to."
    return _policy_blocks("policy_blocks_beacon", stated, obstacle)


def _policy_blocks(code: str, stated: str, obstacle: Obstacle) -> Finding:
    if obstacle.needed is None:
        return Finding(
            code,
            Severity.BAD,
            f"{stated} With 'strict-dynamic' it trusts only scripts that carry its nonce or hash.",
            "Give the snippet's tag the nonce that the page's other scripts carry: nonce=\"…\", anew with each answer.",
        )
    if obstacle.directive == "default-src":
        mend = "Add this directive to the policy: with no directive of its own, default-src holds."
    elif any(source.lower() == "'none'" for source in obstacle.sources):
        mend = f"Replace 'none' in {obstacle.directive} by this source."
    else:
        mend = f"Add this source to {obstacle.directive}."
    return Finding(code, Severity.BAD, stated, mend, obstacle.needed)


def unreachable(error: PageUnreachable) -> Finding:
    """The page could not be read."""
    if error.reason == "other_host":
        return Finding(
            "other_host",
            Severity.BAD,
            f"The address leads on to {error.detail}, which is not one of your site's hosts.",
            "If it is your website, add the host: beacons of its pages are refused until then.",
            error.detail,
        )
    if error.reason == "status":
        return Finding("page_unreachable", Severity.BAD, f"The page answers with the status {error.detail}.", _STATUS_MEND)
    return Finding("page_unreachable", Severity.BAD, _UNREACHABLE[error.reason], _UNREACHABLE_MEND)


_STATUS_MEND = (
    "Check the address. If the page opens in a browser, a firewall, a password or a protection against robots keeps this check "
    "out: open the page yourself and watch the line above instead."
)
_UNREACHABLE_MEND = "Check the address. If the page opens in your browser, open it there and watch the line above instead."
_UNREACHABLE = {
    "name": "The host's name could not be resolved.",
    "address": "The host's name leads to an address that is not on the public internet, which this check does not follow.",
    "port": "This check asks only on the usual ports of http and https.",
    "scheme": "The address leads on to something other than http or https.",
    "redirects": "The address leads on more than three times.",
    "connection": "The host does not answer.",
    "certificate": "The host's TLS certificate is not valid, so browsers warn of the page.",
    "answer": "The host answers with something that is not HTTP, or with a form that was not asked for.",
    "slow": "The page did not come within five seconds.",
}
