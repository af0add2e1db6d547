"""A read model whose tables change has another version: tables that an older program folded are then folded again.

A model that is new, or whose version was raised, is added to the frozen list with
`python -m tests.assets.make_read_models`; what the list holds of a version is never changed.
"""

import pytest

from ledger_projections.keeping.projection import Projection
from ledger_projections.registry import PROJECTIONS
from tests.assets.make_read_models import frozen, name_of, shape_of

HOW = "raise `version` of the model, then run `python -m tests.assets.make_read_models`"


@pytest.mark.parametrize("model", PROJECTIONS.values(), ids=name_of)
def test_a_version_of_a_model_keeps_its_tables(model: Projection) -> None:
    assert frozen().get(name_of(model)) == shape_of(model), HOW


@pytest.mark.parametrize("model", PROJECTIONS.values(), ids=name_of)
def test_no_version_is_left_out_or_taken_back(model: Projection) -> None:
    """A number that was used once stands for what it stood for: the newest is the one in force."""
    used = [int(name.rpartition("/")[2]) for name in frozen() if name.startswith(f"{model.name}/")]
    assert max(used, default=0) == model.version, HOW
