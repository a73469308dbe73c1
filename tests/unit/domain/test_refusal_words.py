"""What a network does not allow is said in the words of the form."""

import pytest

from tlstudio.domain.abilities import lora_refusal, pooling_refusal


@pytest.mark.parametrize(("num_stages", "words"), [(1, "The last stage of cnn_with_attention has no"), (2, "None of the last 2 stages of")])
def test_one_stage_is_one(num_stages: int, words: str) -> None:
    error = lora_refusal("cnn_with_attention", (0, 4, 0, 0), num_stages=num_stages)
    assert error is not None
    assert error.title.text().startswith(words)
    assert lora_refusal("cnn_with_attention", (0, 4, 0, 0), num_stages=3) is None


def test_a_way_of_pooling_is_called_what_the_form_calls_it() -> None:
    assert pooling_refusal("swin", "catavgmax").title.text() == 'swin cannot pool its features as "side by side".'
