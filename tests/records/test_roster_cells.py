"""What stands in one cell: numbers, names, days and grades, as offices and spreadsheets write them."""

from __future__ import annotations

from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.home_language import home_language
from bot.records.roster_cells import BadCell, clean, date_in, grade_in, list_in, name_in
from bot.records.roster_guardians import alike
from bot.records.roster_phones import phone_in


@pytest.mark.parametrize(
    "cell",
    [
        "4155552345", "(415) 555-2345", "415.555.2345", "+1 415 555 2345", "1-415-555-2345", "415 – 555 – 2345",
        "4155552345.0", "4155552345.00", "4.155552345E9", "4.155552345E+09", "4,155,552,345", '="4155552345"', "'4155552345",
        "tel:+1-415-555-2345", "٤١٥٥٥٥٢٣٤٥", "۴۱۵۵۵۵۲۳۴۵", "４１５−５５５−２３４５".replace("−", "-"),
        "\u202a+1 415 555 2345\u202c", "\u200e415-555-2345\u200f", "\ufeff4155552345", "415\u00a0555\u00a02345",
        "415-555-2345 / 415-555-2345", "4155552345;",
    ],
)  # fmt: skip
def test_a_number_is_read_however_an_office_has_typed_it(cell: str) -> None:
    assert phone_in(cell) == "+14155552345"


@pytest.mark.parametrize("cell", ["", "  ", "N/A", "none", "-", "0", "No phone", "unknown", "NULL", "\u200f"])
def test_no_number_is_no_fault(cell: str) -> None:
    assert phone_in(cell) is None


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("415-555-2345 x12", "extension"),
        ("415-555-2345 ext. 12", "extension"),
        ("(415) 555-2345 #12", "extension"),
        ("415-555-2345;ext=12", "extension"),
        ("mom's cell 415-555-2345", "words"),
        ("415-555-2345 (cell)", "words"),
        ("415-KIDS-NOW", "letters"),
        ("1-800-FLOWERS", "letters"),
        ("900-555-1234", "premium"),
        ("800-555-1234", "toll-free"),
        ("415-555-2345 / 415-555-9876", "two numbers"),
        ("415-555-2345 or 415-555-9876", "two numbers"),
        ("4155552345 4155559876", "two numbers"),
        ("+14155552345+14155559876", "two numbers"),
        ("4.15E9", "shortened"),
        ("4.15555E+09", "shortened"),
        ("555-2345", "area code"),
        ("415-555-234", "too short"),
        ("525512345678", "another country"),
        ("123-456-7890", "nobody can have"),
        ("555-555-5555", "placeholder"),
        ("0000000000", "placeholder"),
        ("+34 912 345 678", "landline"),
        ("call the office", "letters"),
    ],
)
def test_a_cell_that_reaches_nobody_is_a_fault_that_says_what_to_do(cell: str, says: str) -> None:
    with pytest.raises(BadCell) as bad:
        phone_in(cell)
    assert says in str(bad.value)
    digits = "".join(char for char in cell if char.isdigit())
    assert not digits or len(digits) < 5 or digits[:6] not in str(bad.value).replace("4.15E9", "")


def test_numbers_from_elsewhere_are_read_with_their_country_code() -> None:
    assert phone_in("+52 55 1234 5678") == "+525512345678"
    assert phone_in("+1 809 555 1234") == "+18095551234"  # the Dominican Republic
    assert phone_in("11 91234-5678", region="BR") == "+5511912345678"


@given(st.text(max_size=40))
def test_no_cell_breaks_the_reading_of_numbers(cell: str) -> None:
    try:
        number = phone_in(cell)
    except BadCell:
        return
    assert number is None or phonenumbers.is_possible_number(phonenumbers.parse(number))


@given(st.integers(min_value=2_010_000_000, max_value=9_899_999_999))
def test_what_a_spreadsheet_does_to_a_whole_number_is_undone(national: int) -> None:
    def read(cell: str) -> str | None:
        try:
            return phone_in(cell)
        except BadCell:
            return "refused"

    plain = read(str(national))
    assert read(f"{national}.0") == plain
    assert read(f"{national:,}") == plain


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-08-25", date(2026, 8, 25)),
        ("8/25/2026", date(2026, 8, 25)),
        ("08/25/26", date(2026, 8, 25)),
        ("2026-08-25T00:00:00.000Z", date(2026, 8, 25)),
        ("8/25/2026 0:00", date(2026, 8, 25)),
        ("20260825", date(2026, 8, 25)),
        ("", None),
        ("n/a", None),
    ],
)
def test_days_are_read_as_the_standard_and_as_the_united_states_write_them(
    cell: str, day: date | None
) -> None:
    assert date_in(cell) == day


@pytest.mark.parametrize("cell", ["25/8/2026", "2026-13-01", "soon", "2/30/2026", "46259"])
def test_a_day_that_is_none_is_a_fault(cell: str) -> None:
    with pytest.raises(BadCell, match="is no date"):
        date_in(cell)


@given(st.text())
def test_no_cell_breaks_the_reading_of_days_grades_and_lists(cell: str) -> None:
    grade = grade_in(cell)
    assert grade is None or 0 < len(grade) <= 20
    assert all(part == clean(part) and part for part in list_in(cell))
    try:
        date_in(cell)
    except BadCell:
        return


@pytest.mark.parametrize(
    ("cell", "grade"),
    [("03", "3"), ("3rd", "3"), ("Grade 3", "3"), ("KG", "K"), ("Kindergarten", "K"), ("PK", "PK"), ("12", "12"), ("", None),
     ("Ungraded", "UG"), ("Room 4 mix", "Room 4 mix")],
)  # fmt: skip
def test_grades_have_one_form(cell: str, grade: str | None) -> None:
    assert grade_in(cell) == grade


def test_a_name_keeps_its_letters_and_loses_what_nobody_sees() -> None:
    assert name_in(" José\u200f  Núñez\x00 ") == "José Núñez"
    assert name_in("\u202eevil\u202c") == "evil"
    assert name_in("فاطمه\u200cسادات") == "فاطمه\u200cسادات"  # the non-joiner spells Persian
    assert name_in("Jose\u0301") == "José"
    with pytest.raises(BadCell, match="missing"):
        name_in("\u200b ")
    with pytest.raises(BadCell, match="right column"):
        name_in("x" * 200)


@given(st.text())
def test_a_clean_text_has_nothing_to_clean(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\0" not in clean(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("María López", "Maria Lopez"),
        ("Maria Elena Lopez Garcia", "Maria Lopez"),
        ("LOPEZ MARIA", "Maria Lopez"),
        ("Mrs. Maria Lopez", "Maria Lopez"),
        ("M. Lopez", "Maria Lopez"),
        ("Maria", "Maria Lopez"),
        ("Siobhán O’Neil", "Siobhan ONeil"),
    ],
)
def test_names_that_can_be_one_persons(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Maria Lopez", "Jose Lopez"), ("Maria Lopez", "Maria Garcia"), ("Lopez", "Maria Lopez"), ("Nguyen Thi Lan", "Nguyen Van Hai"),
     ("", "Maria")],
)  # fmt: skip
def test_names_that_a_person_must_look_at(one: str, other: str) -> None:
    assert not alike(one, other)


@pytest.mark.parametrize(
    ("cell", "tag"),
    [
        ("Spanish", "es"), ("spa", "es"), ("Español", "es"), ("Spanish; Castilian", "es"), ("Haitian", "ht"),
        ("Farsi (Persian)", "fa"), ("Mandarin (Putonghua)", "zh-Hans"), ("Chinese (Cantonese)", "yue"),
        ("Creole (Cape Verdean)", "kea"), ("Filipino (Pilipino or Tagalog)", "tl"), ("Q'anjob'al", "kjb"),
        ("Other", None), ("01", None), ("English, Spanish", None), ("Wolof", None), ("", None), ("Creole (other)", None),
    ],
)  # fmt: skip
def test_home_languages_as_systems_write_them(cell: str, tag: str | None) -> None:
    assert home_language(cell) == tag


@given(st.text(max_size=60))
def test_no_cell_breaks_the_reading_of_languages(cell: str) -> None:
    home_language(cell)
