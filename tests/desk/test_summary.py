"""The file on one page, and what other rooms put into the file."""

from clinic.kit import clock
from tests.diary.clinic import client_of, said


def test_the_summary_tells_the_courses_and_what_is_next(book, anna, physician):
    book(anna, [clock.today(), None])
    page = said(client_of(physician).get("/patients/142/summary/"))
    assert "Medium TCA peel" in page
    assert "0 of 2 done" in page
    assert "Anna Petrova" in page


def test_the_summary_prints_as_a_tagged_document(book, anna, physician):
    book(anna, [clock.today()])
    answer = client_of(physician).get("/patients/142/summary.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert b"/MarkInfo" in answer.content or b"StructTreeRoot" in answer.content


def test_the_sessions_of_the_file_are_filtered_and_paged(book, anna, reception):
    book(anna, [clock.today(), *[None] * 24])
    desk = client_of(reception)
    assert "Page 1 of 2" in said(desk.get("/patients/142/"))
    assert "25 of 25" in said(desk.get("/patients/142/?page=2"))
    assert "All sessions" in said(desk.get("/patients/142/?sessions=open"))


def test_reception_sees_no_record_in_the_file(anna, reception):
    page = said(client_of(reception).get("/patients/142/"))
    assert "Documents" in page
    assert "Treatments on record" not in page
