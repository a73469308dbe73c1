"""Settings of the next training that the disk did not take are kept as soon as it takes them."""

import pytest

from tests.gui.train_studio import Studio
from tlstudio.domain.draft import RecipeDraft
from tlstudio.errors import DiskRefusedError
from tlstudio.messages import message

FULL = message("test.full", "The disk is full.")


def test_what_could_not_be_kept_is_tried_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.open()
    project, changes = studio.workspace.project, studio.workspace.changes
    assert project is not None
    studio.wait(lambda: studio.workspace.background.is_idle)
    refused: list[RecipeDraft] = []

    def refuse(_drafts: object, draft: RecipeDraft) -> None:
        refused.append(draft)
        raise DiskRefusedError(FULL, FULL)

    with monkeypatch.context() as full:
        full.setattr(type(project.draft_store), "save", refuse)
        studio.workspace.choice.change("seed", 7)
        changes.recipe_changed.emit()
        studio.wait(lambda: refused and studio.workspace.background.is_idle)
    assert project.draft_store.load().by_hand == {}
    changes.recipe_changed.emit()
    studio.wait(lambda: project.draft_store.load().by_hand == {"seed": 7})
