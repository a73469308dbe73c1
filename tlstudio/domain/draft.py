"""What a person last set for the next training, as it is kept with the project."""

import msgspec

from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.setting_spec import Value

DRAFT_VERSION = 1


class RecipeDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A row of RECIPES and what is not as it has it. What a later program does not know of it any more counts as not set."""

    version: int = DRAFT_VERSION
    recipe: str = ""
    """A row of RECIPES; empty is the first choice of a new project."""
    base: str = ""
    """The row that Custom was begun from."""
    network: NetworkPart | None = None
    """The network that settings of one network, such as its input size, were made for."""
    by_hand: dict[str, Value] = {}
    """Settings of the named recipes that were changed, by id."""
    custom: dict[str, Value] = {}
    """Those of Custom that are not as its base has them."""
