"""OneRoster's orgs, users, roles and classes, row by row."""

from __future__ import annotations

import re

from bot.records.roster_cells import BadCell, grade_in, list_in, name_in, quoted
from bot.records.roster_files import WHOLE_FILE, Row, Sheet
from bot.records.roster_model import Kind, Place, SchoolRecord, SectionRecord, StaffRecord, StudentRecord, Tie
from bot.records.roster_oneroster_exchange import PERSON, Exchange, User, not_in, one_of

ORG_TYPES = frozenset({"department", "school", "district", "local", "state", "national"})
GUARDIANS = frozenset({"parent", "guardian", "relative"})
TEACHERS = frozenset({"teacher"})
ROLES_1_1 = GUARDIANS | TEACHERS | {"administrator", "aide", "proctor", "student"}
ROLES_1_2 = ROLES_1_1 | {
    "counselor", "districtadministrator", "principal", "siteadministrator", "systemadministrator",
}  # fmt: skip
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+")


def read_orgs(exchange: Exchange) -> None:
    """Schools. Without orgs.csv everything belongs to one school, which the person who imports names."""
    sheet = exchange.sheet("orgs", "sourcedId", "name", "type")
    if sheet is None:
        exchange.roster.schools[""] = SchoolRecord("", "", Place("orgs.csv", WHOLE_FILE))
        return
    name, kind, parent = sheet.column("name"), sheet.column("type"), sheet.column("parentSourcedId")
    parents: list[tuple[Row, str]] = []
    exchange.orgs = {row.at(sheet.column("sourcedId")) for row in sheet.rows} - {""}
    for row, source_id, over in exchange.identified(sheet, Kind.SCHOOL):
        if row.at(parent):
            parents.append((row, row.at(parent)))
        wrong = one_of(row.at(kind), ORG_TYPES)
        if wrong:
            sheet.faults.append(sheet.fault(row.number, kind, wrong))
            exchange.hold(source_id, Kind.SCHOOL)
            continue
        try:
            called = name_in(row.raw(name))
        except BadCell as bad:
            sheet.faults.append(sheet.fault(row.number, name, str(bad)))
            exchange.hold(source_id, Kind.SCHOOL)
            continue
        if row.at(kind).casefold() == "school" and not over:
            place = Place(sheet.name, row.number)
            exchange.roster.schools[source_id] = SchoolRecord(source_id, called, place)
    for row, source_id in parents:
        exchange.known_orgs(sheet, row, parent, (source_id,))


def read_users(exchange: Exchange) -> None:
    """Everybody in users.csv; in 1.2 with the roles of roles.csv."""
    sheet = exchange.sheet(
        "users", "sourcedId", "givenName", "familyName", *(() if exchange.is_1_2 else ("role",))
    )
    if sheet is None:
        return
    agents = sheet.column("agentSourcedIds", "agents")
    exchange.roster.speaks |= {Kind.STUDENT, Kind.STAFF}
    if agents.there:
        exchange.roster.speaks |= {Kind.GUARDIAN, Tie.RELATED}
    orgs = sheet.column("orgSourcedIds", "primaryOrgSourcedId")
    for row, source_id, over in exchange.identified(sheet, *PERSON):
        name = _name(exchange, sheet, row)
        roles = None if name is None else _roles_in_users(exchange, sheet, row)
        if name is None or roles is None:
            exchange.hold(source_id, *PERSON)
            continue
        belongs = list_in(row.raw(orgs))
        if not exchange.known_orgs(sheet, row, orgs, belongs) and not set(belongs) & exchange.orgs:
            exchange.hold(source_id, *PERSON)
        elif not over:
            exchange.users[source_id] = User(row, sheet, roles, belongs, list_in(row.raw(agents)), *name)
    if exchange.is_1_2:
        _read_roles(exchange, sheet)


def _name(exchange: Exchange, sheet: Sheet, row: Row) -> tuple[str, str] | None:
    found = []
    for title in ("givenName", "familyName"):
        column = sheet.column(title)
        try:
            found.append(name_in(row.raw(column)))
        except BadCell as bad:
            sheet.faults.append(sheet.fault(row.number, column, str(bad)))
    return (found[0], found[1]) if len(found) == 2 else None


def _roles_in_users(exchange: Exchange, sheet: Sheet, row: Row) -> set[str] | None:
    """The role of a user in 1.1 (nothing in 1.2, where roles.csv says it); None when there is a fault in it."""
    if exchange.is_1_2:
        return set()
    role, orgs = sheet.column("role"), sheet.column("orgSourcedIds")
    wrong, where = one_of(row.at(role), ROLES_1_1), role
    if not wrong and exchange.orgs and not row.at(orgs):
        wrong, where = "is missing: at which school?", orgs
    if wrong:
        sheet.faults.append(sheet.fault(row.number, where, wrong))
        return None
    return {row.at(role).casefold()}


def _read_roles(exchange: Exchange, users: Sheet) -> None:
    sheet = exchange.sheet("roles", "userSourcedId", "role")
    if sheet is None:
        return
    user, role, kind = sheet.column("userSourcedId"), sheet.column("role"), sheet.column("roleType")
    org = sheet.column("orgSourcedId")
    hurt: set[str] = set()
    for row, _, over in exchange.identified(sheet):
        source_id, said = row.at(user), row.at(role).casefold()
        whose = exchange.users.get(source_id)
        if not source_id:
            wrong, where = "is missing: whose role is it?", user
        elif whose is None and source_id not in exchange.faulty and exchange.roster.whole:
            wrong, where = not_in(source_id, users.name), user
        elif not said.startswith("ext:") and one_of(said, ROLES_1_2):
            wrong, where = one_of(said, ROLES_1_2) or "", role
        elif row.at(kind) and one_of(row.at(kind), ("primary", "secondary")):
            wrong, where = "must be primary or secondary.", kind
        else:
            today = exchange.counts_today(sheet, row)
            at = (row.at(org),) if row.at(org) else ()
            if today is None or not exchange.known_orgs(sheet, row, org, at):
                hurt.add(source_id)
            elif whose is not None and today and not over:
                whose.roles.add(said)
                whose.orgs = (*at, *whose.orgs)
            continue
        sheet.faults.append(sheet.fault(row.number, where, wrong))
        hurt.add(source_id)
    _without_role(exchange, users, hurt)


def _without_role(exchange: Exchange, users: Sheet, hurt: set[str]) -> None:
    """Who has no role left is held; that is a fault by itself unless the role's own row was one."""
    for source_id in [one for one, found in exchange.users.items() if not found.roles]:
        found = exchange.users.pop(source_id)
        exchange.hold(source_id, *PERSON)
        if source_id not in hurt and exchange.roster.whole:
            users.faults.append(
                users.fault(
                    found.row.number, users.column("sourcedId"), "has no role in roles.csv that counts today."
                )
            )


def read_classes(exchange: Exchange) -> None:
    """Sections."""
    sheet = exchange.sheet("classes", "sourcedId", "title")
    if sheet is None:
        return
    exchange.roster.speaks.add(Kind.SECTION)
    title, kind, grades = sheet.column("title"), sheet.column("classType"), sheet.column("grades", "grade")
    references = (
        (sheet.column("courseSourcedId"), _identifiers(exchange, "courses"), "courses.csv"),
        (
            sheet.column("termSourcedIds", "termSourcedId"),
            _identifiers(exchange, "academicSessions"),
            "academicSessions.csv",
        ),
    )
    for row, source_id, over in exchange.identified(sheet, Kind.SECTION):
        before = len(sheet.faults)
        for column, known, file in references:
            for one in list_in(row.raw(column)) if known is not None else ():
                if known is not None and one not in known:
                    sheet.faults.append(sheet.fault(row.number, column, not_in(one, file)))
        if row.at(kind) and one_of(row.at(kind), ("homeroom", "scheduled")):
            sheet.faults.append(sheet.fault(row.number, kind, "must be homeroom or scheduled."))
        called = ""
        try:
            called = name_in(row.raw(title))
        except BadCell as bad:
            sheet.faults.append(sheet.fault(row.number, title, str(bad)))
        school = _class_school(exchange, sheet, row)
        if len(sheet.faults) > before or school is None:
            exchange.hold(source_id, Kind.SECTION)
        elif not over:
            grade = grade_in(next(iter(list_in(row.raw(grades))), ""))
            place = Place(sheet.name, row.number)
            exchange.roster.sections[source_id] = SectionRecord(source_id, school, called, grade, place)


def _class_school(exchange: Exchange, sheet: Sheet, row: Row) -> str | None:
    column = sheet.column("schoolSourcedId")
    said = row.at(column)
    if not exchange.orgs:
        return ""
    if not said:
        sheet.faults.append(sheet.fault(row.number, column, "is missing: at which school?"))
    elif said in exchange.roster.schools:
        return said
    elif exchange.known_orgs(sheet, row, column, (said,)) and said not in exchange.faulty:
        sheet.faults.append(sheet.fault(row.number, column, f"{quoted(said)} is no school in orgs.csv."))
    return None


def _identifiers(exchange: Exchange, name: str) -> frozenset[str] | None:
    """The identifiers of a file we need for references only; None when it is not there or not whole."""
    sheet = exchange.files.get(f"{name}.csv")
    if sheet is None or sheet.broken or exchange.modes.get(name) == "delta":
        return None
    column = sheet.column("sourcedId")
    return frozenset(row.at(column) for row in sheet.rows) if column.there else None


def read_people(exchange: Exchange) -> None:
    """Students and those who teach. Who is nobody's child or guardian and teaches nothing is not ours to keep."""
    classes = _schools_of_classes(exchange)
    for source_id, user in exchange.users.items():
        if user.is_student:
            _student(exchange, source_id, user, classes.get(source_id))
        if user.roles & TEACHERS:
            add_teacher(exchange, source_id, user)


def _schools_of_classes(exchange: Exchange) -> dict[str, str]:
    """Where a student's first class is: for students whose own row names the district only."""
    sheet = exchange.files.get("enrollments.csv")
    if sheet is None or sheet.broken:
        return {}
    user, section = sheet.column("userSourcedId"), sheet.column("classSourcedId")
    found: dict[str, str] = {}
    for row in sheet.rows:
        at = exchange.roster.sections.get(row.at(section))
        if at is not None:
            found.setdefault(row.at(user), at.school)
    return found


def _student(exchange: Exchange, source_id: str, user: User, elsewhere: str | None) -> None:
    school = exchange.school_of(user.orgs) or elsewhere
    if school is None and set(exchange.roster.schools) == {""}:
        school = ""
    if school is None:
        if not set(user.orgs) & exchange.faulty:
            column = user.sheet.column("orgSourcedIds", "primaryOrgSourcedId")
            user.sheet.faults.append(
                user.sheet.fault(user.row.number, column, "names no school in orgs.csv.")
            )
        exchange.hold(source_id, Kind.STUDENT)
        return
    grade = grade_in(next(iter(list_in(user.row.raw(user.sheet.column("grades", "grade")))), ""))
    exchange.roster.students[source_id] = StudentRecord(
        source_id, school, user.given, user.family, grade, user.place
    )


def add_teacher(exchange: Exchange, source_id: str, user: User) -> None:
    """A member of staff who teaches. A wrong address is a fault, and the person is kept without it."""
    email = user.sheet.column("email")
    address = user.row.at(email)
    if address and not _EMAIL.fullmatch(address):
        user.sheet.faults.append(user.sheet.fault(user.row.number, email, "is no e-mail address."))
        address = ""
    school = exchange.school_of(user.orgs)
    if school is None:
        school = next(iter(exchange.roster.schools), None)
    if school is not None:
        exchange.roster.staff[source_id] = StaffRecord(
            source_id, school, user.name, address.casefold() or None, user.place, email.title
        )
