"""Other languages: vectors of characters, and an encoder that says what it cannot read."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="studies need scikit-learn: pip install 'insula[train]'")
pytest.importorskip("torch", reason="studies train with torch: pip install 'insula[train]'")

from insula.conversation import Conversation, Turn
from insula.studies.other_languages import answers, character_vectors


def test_texts_that_share_characters_are_near():
    known = ["今天下雨了", "今天很高兴", "他不高兴了", "下雨了怎么办", "我们走吧", "走吧走吧"]
    vectors = character_vectors(known, 3)(["今天高兴", "很高兴", "我们走"])
    assert vectors.shape == (3, 3)
    near = np.corrcoef(vectors)
    assert near[0, 1] > near[0, 2]


def test_the_encoder_abstains_with_a_reason_on_what_it_cannot_read():
    conversation = Conversation(Turn("a", "我今天很难过"), Turn("b", "I am so sorry to hear that."), Turn("a", "..."))
    answered, numbers, reasons = answers([conversation])
    assert answered.tolist() == [0, 1, 0]
    assert numbers.tolist() == [0, 0, 0]
    assert reasons == {"not a script it knows": 1, "no words": 1}
