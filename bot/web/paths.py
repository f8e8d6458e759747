"""Row ids in addresses: whole numbers of at most 63 bits. Anything else is no address of ours."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

_MOST = 2**63 - 1


class RowId(BaseConverter):
    """`<row_id:name>` in a route."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > _MOST:
            raise ValidationError
        return number
