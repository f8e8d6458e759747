"""A phone number out of a cell of a roster, or the reason why there is none.

The library reads more than people mean: letters as digits, a number behind words, an extension it then drops, numbers
that cost money to text. None of these reaches a family by text, so each is a fault that a person can mend. What is
unmistakable is read: other scripts' digits, invisible direction marks, the `.0` that a spreadsheet adds.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

import phonenumbers
from phonenumbers import PhoneNumberType

from bot.records.roster_cells import BadCell, clean, says_nothing

FICTIONAL_AREA = 555
"""An area code that is nobody's: the numbers of invented families, which only the simulator can reach."""

_WHOLE_FLOAT = re.compile(r"(\+?\d{7,15})\.0+")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}", re.IGNORECASE)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}")
_AS_TEXT = re.compile(r'=?"?(.*?)"?')
_BETWEEN = re.compile(r"\s*(?:[/;,|&\n]|\b(?:or|and|y|o|ou|e)\b)\s*", re.IGNORECASE)
_EXTENSION = re.compile(r"\d[\s,;]*(?:extension|extn|ext|xtn|int|anexo|x|#)[.:=\s]*\d{1,7}$", re.IGNORECASE)
_LABEL = re.compile(r"^tel:\s*", re.IGNORECASE)
_FEWEST, _MOST_US = 7, 11

_REFUSED = {
    PhoneNumberType.PREMIUM_RATE: "is a premium number: nobody can be texted there.",
    PhoneNumberType.TOLL_FREE: "is a toll-free number, which is a company's, not a family's.",
    PhoneNumberType.SHARED_COST: "is a shared-cost number, which is a company's, not a family's.",
    PhoneNumberType.PAGER: "is a pager's number: it cannot get texts.",
    PhoneNumberType.UAN: "is a company's number, not a family's.",
    PhoneNumberType.VOICEMAIL: "is a voicemail number: it cannot get texts.",
    PhoneNumberType.FIXED_LINE: "is a landline: it cannot get texts. Ask the family for a mobile number.",
}  # fmt: skip


def phone_in(text: str, region: str = "US") -> str | None:
    """The number of a cell in E.164 form; None when the cell is empty or says that there is none.

    Raises `BadCell` with the reason, which never quotes the number.
    """
    cell = _digits_of_this_world(clean(text))
    if says_nothing(cell) or cell.casefold() in ("no phone", "no", "0"):
        return None
    cell = _from_spreadsheet(cell)
    cell = _the_one(cell)
    if _EXTENSION.search(cell):
        raise BadCell("has an extension, which cannot be texted: write the family's own number.")
    if any(char.isalpha() for char in cell):
        digits = sum(char.isdigit() for char in cell)
        if digits >= _FEWEST:
            raise BadCell("has words beside the number: write the number alone.")
        raise BadCell("has letters instead of digits: write the digits.")
    return _parsed(cell, region)


def _digits_of_this_world(cell: str) -> str:
    """Arabic, Persian, Devanagari and fullwidth digits as ASCII; signs in their plain form."""
    if cell.isascii():
        return cell
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char
        for char in unicodedata.normalize("NFKC", cell)
    )


def _from_spreadsheet(cell: str) -> str:
    """Undo what a spreadsheet does to a number, where nothing is lost by it."""
    cell = _LABEL.sub("", cell)
    if cell.startswith(("'", '="', '"')):
        match = _AS_TEXT.fullmatch(cell.removeprefix("'"))
        cell = (match[1] if match else cell).strip()
    if match := _WHOLE_FLOAT.fullmatch(cell):
        return match[1]
    if _THOUSANDS.fullmatch(cell):
        return cell.replace(",", "")
    if _SCIENTIFIC.fullmatch(cell):
        try:
            whole = Decimal(cell)
        except InvalidOperation:
            whole = Decimal(0)
        written = cell.upper().partition("E")[0].replace(".", "")
        exact = whole == whole.to_integral_value() and whole.adjusted() + 1 == len(written)
        if not exact:
            raise BadCell(
                "was shortened by a spreadsheet (like 4.15E9), its digits are lost: format the column as text and export again."
            )
        return str(int(whole))
    return cell


def _the_one(cell: str) -> str:
    """The cell's only number; the same one written twice is one."""
    parts = [part for part in _BETWEEN.split(cell) if sum(char.isdigit() for char in part) >= _FEWEST]
    if len({re.sub(r"\D", "", part) for part in parts}) == 1 and len(parts) > 1:
        return parts[0]
    run_together = sum(char.isdigit() for char in cell) >= 17 and not cell.startswith("+")
    if len(parts) > 1 or cell.count("+") > 1 or run_together:
        raise BadCell("has two numbers: keep the one that gets texts, or add a second contact.")
    return cell


def _parsed(cell: str, region: str) -> str:
    try:
        number = phonenumbers.parse(cell, region)
    except phonenumbers.NumberParseException:
        raise BadCell("is no phone number.") from None
    if number.extension:
        raise BadCell("has an extension, which cannot be texted: write the family's own number.")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _is_fictional(number):
        return e164
    if not phonenumbers.is_valid_number(number):
        raise BadCell(_why_not(cell, number))
    kind = phonenumbers.number_type(number)
    if kind in _REFUSED:
        raise BadCell(_REFUSED[kind])
    return e164


def _is_fictional(number: phonenumbers.PhoneNumber) -> bool:
    national = str(number.national_number)
    return (
        number.country_code == 1
        and len(national) == 10
        and national.startswith(str(FICTIONAL_AREA))
        and len(set(national)) > 1
    )


def _why_not(cell: str, number: phonenumbers.PhoneNumber) -> str:
    digits = re.sub(r"\D", "", cell)
    if len(set(digits)) == 1:
        return "is a placeholder, no number."
    if len(digits) == _FEWEST:
        return "lacks the area code."
    if number.country_code == 1 and len(digits) < 10:
        return "is too short: a number here has ten digits."
    if number.country_code == 1 and len(digits) > _MOST_US:
        return "is too long: a number from another country begins with + and its country code."
    return "is a number that nobody can have: look for a typing mistake."
