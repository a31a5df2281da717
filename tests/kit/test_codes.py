"""The drawn code is the code: read back from its path, module by module."""

import re

import segno

from clinic.kit.codes import QUIET, code_of


def test_the_path_draws_every_dark_module_and_no_other():
    address = "https://clinic.example/sheets/mine/0123456789abcdefghijkl/"
    code = code_of(address)
    drawn = {
        (int(x) + n - QUIET, int(y) - QUIET)
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path)
        for n in range(int(width))
    }
    matrix = segno.make(address, error="m", micro=False, mask=2, boost_error=False).matrix
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark}
    assert code.size == len(matrix) + 2 * QUIET
