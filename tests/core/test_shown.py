"""What is shown of the diary travels in the address, and back."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from plans.core.shown import KINDS, Shown, read_shown

chosen = st.builds(
    Shown,
    kinds=st.sets(st.sampled_from(list(KINDS)), min_size=1).map(
        lambda words: tuple(word for word in KINDS if word in words)
    ),
    who=st.sets(st.integers(0, 10**9), max_size=4).map(lambda keys: tuple(sorted(keys))),
    groups=st.sets(st.sampled_from(["peel_medium", "toxin", "ipl-1"])).map(
        lambda codes: tuple(sorted(codes))
    ),
    hides_names=st.booleans(),
    by_category=st.booleans(),
)


def read(query: str) -> Shown:
    return read_shown((key, [value]) for key, value in parse_qsl(query.lstrip("?")))


@given(chosen)
def test_what_is_written_into_an_address_is_read_from_it(shown):
    assert read(shown.query) == shown


@given(st.dictionaries(st.sampled_from(["show", "who", "group", "names"]), st.lists(st.text())))
def test_nothing_in_an_address_is_a_fault(query):
    assert read_shown(query.items()).kinds


def test_nothing_chosen_adds_nothing_to_the_address():
    assert Shown().query == ""
    assert not Shown().narrows


def test_boxes_of_a_form_come_one_by_one():
    shown = read_shown([("show", ["rooms", "devices"]), ("group", ["toxin", "toxin"])])
    assert shown == Shown(kinds=("rooms", "devices"), groups=("toxin",))


def test_the_last_kind_stays():
    rooms = Shown(kinds=("rooms",))
    assert rooms.with_kind("rooms") == rooms
    assert rooms.with_kind("practitioners").kinds == ("practitioners", "rooms")


def test_who_was_chosen_by_name_shows_whatever_the_kinds_say():
    shown = Shown(kinds=("rooms",)).of(7)
    assert shown.shows(7, "practitioner")
    assert not shown.shows(4, "room")
    assert Shown(kinds=("rooms",)).shows(4, "room")
    assert shown.everything() == Shown()


def test_how_it_is_drawn_is_switched_apart_from_what():
    shown = Shown(who=(4,), groups=("toxin",))
    assert (
        shown.with_names().with_colour().query == "?who=4&group=toxin&names=hidden&colour=category"
    )
    assert shown.with_names().with_names() == shown
    assert shown.narrows
