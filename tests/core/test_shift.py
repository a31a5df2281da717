"""The drawing of a cascade."""

from plans.core.drawing import GUTTER, WIDTH
from plans.core.shift import Moved, draw
from plans.core.spacing import Window
from tests.core.scenes import on

WINDOW = Window(on("2027-02-26"), on("2027-02-26"), on("2027-05-26"))
PEEL = Moved(0, on("2027-02-26"), on("2027-03-12"), "2 · 26 Feb", "2 · 12 Mar", WINDOW, WINDOW)
TOXIN = Moved(1, on("2027-03-19"), on("2027-03-30"), "toxin · 19 Mar", "toxin · 30 Mar")


def drawn(*moved: Moved):
    return draw(moved, on("2027-02-22"), ("Now", "After"), ("peels", "others"))


def test_a_day_stands_at_the_same_place_now_and_after():
    now, after = drawn(PEEL, Moved(0, None, on("2027-02-26"))).halves
    assert now.dots[0].x == after.dots[1].x
    assert [half.name for half in (now, after)] == ["Now", "After"]


def test_an_arrow_leads_from_each_dot_that_moves_to_another_day():
    stays = Moved(0, on("2027-05-26"), on("2027-05-26"))
    found = drawn(PEEL, TOXIN, stays, Moved(0, on("2027-06-26"), None))
    assert len(found.arrows) == 2
    assert found.arrows[0].curve.startswith(f"M{found.halves[0].dots[0].x} ")
    assert found.arrows[0].head.endswith("z")


def test_what_goes_along_stands_in_a_row_of_its_own():
    alone, both = drawn(PEEL), drawn(PEEL, TOXIN)
    assert both.height > alone.height
    assert both.halves[0].dots[1].y > both.halves[0].dots[0].y
    assert [words for _y, words in both.halves[0].lines] == ["peels", "others"]


def test_windows_lie_from_their_first_day_to_their_last():
    (bar,) = drawn(PEEL).halves[0].bars
    assert bar.x == bar.target_x
    assert bar.width > 0
    assert bar.tick_top < bar.y


def test_labels_that_would_meet_stand_one_below_the_other():
    near = Moved(0, on("2027-03-01"), on("2027-03-14"), "3 · 1 Mar", "3 · 14 Mar")
    dots = drawn(PEEL, near).halves[0].dots
    assert dots[1].label_y > dots[0].label_y


def test_everything_is_inside_the_box():
    far = Moved(0, on("2027-08-31"), on("2027-08-31"), "4 · 31 Aug, a long label indeed", "4")
    found = drawn(PEEL, far)
    last = found.halves[0].dots[1]
    assert last.is_end
    assert last.label_x < WIDTH
    assert found.months[0][1] == GUTTER
    assert found.flag_left >= 0
    assert found.flag_left + found.flag_width <= WIDTH


def test_where_labels_crowd_some_are_left_to_the_table():
    crowd = [
        Moved(0, on(f"2027-03-0{n}"), on(f"2027-03-0{n}"), f"{n} · {n} Mar") for n in range(1, 7)
    ]
    labels = [dot.label for dot in drawn(*crowd).halves[0].dots]
    assert labels[0]
    assert "" in labels
