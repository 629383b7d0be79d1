"""The nine kinds of a holder, and the letters that readings are written in. docs/labelling-guide.md defines them."""

SHOWN_KINDS = ("company", "education", "government", "nonprofit")
HIDDEN_KINDS = ("carrier", "hoster", "relay", "natural_person", "unknown")
KINDS = (*SHOWN_KINDS, *HIDDEN_KINDS)
LETTERS = dict(zip("cegnihrpu", KINDS, strict=True))
