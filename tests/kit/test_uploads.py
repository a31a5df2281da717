"""A request that is too large is refused before it is read."""

from io import BytesIO

import pytest
from django.core.exceptions import RequestDataTooBig
from django.test import RequestFactory, override_settings

from clinic.kit.uploads import LIMIT


def request_of(length: int):
    request = RequestFactory().post("/", {"scan": BytesIO(b"x" * 100)})
    request.META["CONTENT_LENGTH"] = str(length)
    return request


def test_a_request_above_the_limit_is_refused_unread():
    request = request_of(LIMIT + 1)
    with pytest.raises(RequestDataTooBig):
        _ = request.FILES


def test_a_usual_one_keeps_its_file():
    request = RequestFactory().post("/", {"scan": BytesIO(b"x" * 100)})
    assert request.FILES["scan"].read() == b"x" * 100


@override_settings(FILE_UPLOAD_HANDLERS=["django.core.files.uploadhandler.MemoryFileUploadHandler"])
def test_it_is_the_handler_that_refuses():
    assert request_of(LIMIT + 1).FILES is not None
