"""What the licence of a set of weights lets people do, as far as its name says; never legal advice."""

from enum import StrEnum

from tlstudio.messages import Message, message


class Use(StrEnum):
    """Whether a licence lets a company use the weights."""

    COMMERCIAL = "commercial"
    """Allowed, with the usual duty to keep the notice."""
    CONDITIONS = "conditions"
    """The publisher's own terms, which set conditions: to be read first."""
    NON_COMMERCIAL = "non_commercial"
    """Research or other non-commercial use only."""
    NOT_STATED = "not_stated"
    """The publisher names none, so nothing is allowed for certain."""


_COMMERCIAL = frozenset(
    {"apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "cc-by-4.0", "cc-by-sa-4.0", "cc0-1.0", "unlicense", "0bsd", "zlib"}
)
_NON_COMMERCIAL_PARTS = ("-nc", "noncommercial", "non-commercial", "research-only")
_NON_COMMERCIAL = frozenset({"apple-amlr", "seer-license"})
_NOT_STATED = frozenset({"", "unknown", "none", "other"})

WORDS: dict[Use, Message] = {
    Use.COMMERCIAL: message("licence.commercial", "Commercial use allowed"),
    Use.CONDITIONS: message("licence.conditions", "The publisher's own terms: read them first"),
    Use.NON_COMMERCIAL: message("licence.non_commercial", "Research only, no commercial use"),
    Use.NOT_STATED: message("licence.not_stated", "Licence not stated"),
}


def use_of(licence: str) -> Use:
    """What a licence's identifier stands for (SPDX where there is one); a name that is not known counts as own terms."""
    name = licence.strip().lower()
    if name in _NOT_STATED:
        return Use.NOT_STATED
    if name in _COMMERCIAL:
        return Use.COMMERCIAL
    if name in _NON_COMMERCIAL or any(part in name for part in _NON_COMMERCIAL_PARTS):
        return Use.NON_COMMERCIAL
    return Use.CONDITIONS


def allows_commercial(licence: str) -> bool:
    """Whether commercial use is allowed without conditions beyond the notice."""
    return use_of(licence) is Use.COMMERCIAL
