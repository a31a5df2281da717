"""bench/RESULTS.md: a part measured again takes the place of the older one, the others stay."""

import pytest

from bench import results
from bench.rounds import Measured, Report, Table, ratio


@pytest.fixture
def path(tmp_path):
    return tmp_path / "RESULTS.md"


def test_a_part_measured_again_replaces_the_older_one_only(path):
    results.keep(
        path, [Report("Starts", "About.", ["- first"]), Report("Pages", "About.", ["- p"])]
    )
    results.keep(path, [Report("Starts", "About.", ["- second"])])
    parts = results.read(path)
    assert len(parts) == 2
    said = path.read_text()
    assert "- second" in said
    assert "- first" not in said
    assert "- p" in said


def test_the_machine_is_told_in_words(path):
    results.keep(path, [Report("Starts", "About.", [])])
    (said,) = results.read(path).values()
    assert "processors" in said
    assert "GB of memory" in said
    assert "Python 3" in said


def test_a_table_shows_every_run_and_ratios_of_medians():
    slow, fast = Measured("slow", [0.3, 0.1, 0.2], 4), Measured("fast", [0.01, 0.03, 0.02], 2)
    table = Table("T", "About.", (slow, fast), (ratio("slow / fast", slow, fast, "at least 5"),))
    said = table.report().markdown()
    assert "| slow | 200.0 | 300.0 100.0 200.0 | 4 |" in said
    assert "slow / fast: 10.00 (aim at least 5)" in said
