"""What almost every page looks like: patterns that no rule of lib/domain/redaction.py can match anything in.

A beacon made of them is kept as it is, without loading the rules: compiling those takes longer than all else at a start.
"""

import re

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# Lower-case words of letters, as most pages are called: no rule can match any of them. Words that may announce a secret
# are left to the careful way.
ORDINARY_WORDS = r"[a-z]{1,15}(?:[-.][a-z]{1,15}){0,40}"
_ANNOUNCES_NOTHING = (
    r"(?!reset|pass|verif|confirm|activat|invit|token|magic|log|sign|auth|unsub|session|otp|code|key|forg|recover|new|change|your|"
    r"email|mail|user|account|link|abmeld|bestaetig|einlad|set)"
)
ORDINARY_PATH = rf"(?:(?:/{_ANNOUNCES_NOTHING}{ORDINARY_WORDS}){{1,20}}/?|/)"
# What almost every page has: dots and letters, nothing to decode. At most 63 characters, so no label is too long; letters at
# the end, so that it is no address.
ORDINARY_HOST = r"(?=.{1,63}(?:[/\"?]|$))(?:[a-z0-9]+[.-])*[a-z]+"
_ORDINARY_FIELD = rf"utm_(?:source|medium|campaign|term|content)={ORDINARY_WORDS}"
ORDINARY_QUERY = rf"{_ORDINARY_FIELD}(?:&{_ORDINARY_FIELD}){{0,9}}"
# Letters alone, such as www.example.com: no rule that looks for a person in a host can match one of them.
ORDINARY_REFERRER = r"[a-z]{1,15}(?:[.-][a-z]{1,15}){0,3}\.[a-z]{2,15}"
