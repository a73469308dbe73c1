"""What a network does not allow is said in the words of the form."""

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication

from tlstudio.domain.abilities import lora_refusal, pooling_refusal
from tlstudio.messages import Message
from tlstudio.ui import words

_GERMAN = {
    "pooling.not_allowed": "{name} kann seine Merkmale nicht als „{pooling}“ zusammenfassen.",
    "setting.pooling.catavgmax": "nebeneinander",
}


@pytest.mark.parametrize(("num_stages", "words"), [(1, "The last stage of cnn_with_attention has no"), (2, "None of the last 2 stages of")])
def test_one_stage_is_one(num_stages: int, words: str) -> None:
    error = lora_refusal("cnn_with_attention", (0, 4, 0, 0), num_stages=num_stages)
    assert error is not None
    assert error.title.text().startswith(words)
    assert lora_refusal("cnn_with_attention", (0, 4, 0, 0), num_stages=3) is None


def test_a_way_of_pooling_is_called_what_the_form_calls_it() -> None:
    assert pooling_refusal("swin", "catavgmax").title.text() == 'swin cannot pool its features as "side by side".'


def test_a_way_of_pooling_is_translated_with_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QCoreApplication, "translate", lambda _context, id: _GERMAN.get(id, id))
    title = pooling_refusal("swin", "catavgmax").title
    written = msgspec.json.decode(msgspec.json.encode(title), type=Message)  # as the journal of a run tells it
    assert written == title
    assert words.say(written) == "swin kann seine Merkmale nicht als „nebeneinander“ zusammenfassen."
