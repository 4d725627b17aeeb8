"""What tests of several exams share."""

import pytest

from insula.data import MissingData


@pytest.fixture
def published():
    """`published(exam)` gives the questions of its published files, or skips the test where they are not here."""

    def questions(exam):
        try:
            return exam.questions()
        except MissingData as missing:
            pytest.skip(str(missing))

    return questions
