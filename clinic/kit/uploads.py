"""How much a request may carry: refused before anything of it is read."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# The largest file that a page takes is 25 MB (a scan); forms with several pictures stay below this.
LIMIT = 64 * 2**20


class CappedUpload(FileUploadHandler):
    """Stands before the handlers that keep files: a larger request is answered 400 and leaves nothing on the disk."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > LIMIT:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
