"""Who belongs to whom in OneRoster: enrollments, teachers of classes, and guardians, who stand in `agents`."""

from __future__ import annotations

from bot.records.roster_cells import BadCell, quoted
from bot.records.roster_files import Column, Row, Sheet
from bot.records.roster_languages import HomeLanguages
from bot.records.roster_model import GuardianRecord, Kind, Tie
from bot.records.roster_oneroster_exchange import Exchange, User, not_in, one_of
from bot.records.roster_oneroster_rows import GUARDIANS, add_teacher
from bot.records.roster_phones import phone_in

ENROLLED_AS = frozenset({"administrator", "aide", "proctor", "student", "teacher"})


def read_enrollments(exchange: Exchange) -> None:
    """Students in classes, and who teaches them."""
    sheet = exchange.sheet("enrollments", "classSourcedId", "userSourcedId", "role")
    if sheet is None:
        return
    exchange.roster.speaks |= {Tie.ENROLLED, Tie.TAUGHT}
    section, user, role = sheet.column("classSourcedId"), sheet.column("userSourcedId"), sheet.column("role")
    school, primary = sheet.column("schoolSourcedId"), sheet.column("primary")
    roster = exchange.roster
    for row, _, over in exchange.identified(sheet):
        link = (row.at(user), row.at(section))
        wrong = _wrong(exchange, row, section, user, role)
        if wrong is not None:
            sheet.faults.append(sheet.fault(row.number, *wrong))
            roster.held_links.add(link)
            continue
        today = exchange.counts_today(sheet, row)
        at = (row.at(school),) if row.at(school) else ()
        if today is None or not exchange.known_orgs(sheet, row, school, at):
            roster.held_links.add(link)
        elif over:
            roster.gone_links.add(link)
        elif row.at(role).casefold() == "student":
            roster.enrolled[link] = today or roster.enrolled.get(link, False)
        elif row.at(role).casefold() == "teacher" and today:
            _teaches(exchange, link, row.at(primary).casefold() != "false")


def _wrong(
    exchange: Exchange, row: Row, section: Column, user: Column, role: Column
) -> tuple[Column, str] | None:
    """The first thing that is wrong with an enrollment, and in which column."""
    roster, said = exchange.roster, row.at(role).casefold()
    if not row.at(section):
        return section, "is missing: which class?"
    if roster.whole and row.at(section) not in roster.sections and row.at(section) not in exchange.faulty:
        return section, not_in(row.at(section), "classes.csv")
    if not row.at(user):
        return user, "is missing: who?"
    whose = exchange.users.get(row.at(user))
    if roster.whole and whose is None and row.at(user) not in exchange.faulty:
        return user, not_in(row.at(user), "users.csv")
    if wrong := one_of(said, ENROLLED_AS):
        return role, wrong
    if whose is not None and said in ("student", "teacher") and (said == "student") != whose.is_student:
        file = "roles.csv" if exchange.is_1_2 else "users.csv"
        return role, f"is {said}, but this person is {', '.join(sorted(whose.roles))} in {file}."
    return None


def _teaches(exchange: Exchange, link: tuple[str, str], leads: bool) -> None:
    user = exchange.users.get(link[0])
    if user is not None and link[0] not in exchange.roster.staff:
        add_teacher(exchange, link[0], user)  # a principal, say, who teaches a class
    exchange.roster.taught[link] = leads


def read_guardians(exchange: Exchange) -> None:
    """Guardians with their children."""
    sheet = exchange.files.get("users.csv")
    if sheet is None or exchange.roster.unusable:
        return
    languages = HomeLanguages.of(exchange.files, exchange.options, exchange.roster)
    children = _children(exchange, sheet)
    for source_id, theirs in children.items():
        adult = exchange.users.get(source_id)
        known = [child for child in theirs if child in exchange.roster.students]
        if adult is not None and (known or not exchange.roster.whole):
            _add_guardian(exchange, source_id, adult, theirs, languages)
        elif adult is not None:
            exchange.hold(source_id, Kind.GUARDIAN)  # the row of its only child has a fault
        role = _role(adult) if adult is not None else None
        for child in theirs:
            exchange.roster.related[(source_id, child)] = role
    _childless(exchange, sheet, children)


def _role(user: User) -> str | None:
    return next(iter(sorted(user.roles & GUARDIANS)), None)


def _children(exchange: Exchange, sheet: Sheet) -> dict[str, list[str]]:
    """The students of each adult. A student's row names its agents, or an adult's row the students: both are met."""
    column = sheet.column("agentSourcedIds", "agents")
    whole, found = exchange.roster.whole, dict[str, dict[str, None]]()
    for source_id, user in exchange.users.items():
        for agent in user.agents:
            other = exchange.users.get(agent)
            if other is None and agent not in exchange.faulty and whole:
                sheet.faults.append(sheet.fault(user.row.number, column, not_in(agent, sheet.name)))
            elif user.is_student and other is not None and other.is_student:
                sheet.faults.append(
                    sheet.fault(
                        user.row.number, column, f"{quoted(agent)} is a student: a guardian is an adult."
                    )
                )
            elif user.is_student:
                found.setdefault(agent, {})[source_id] = None
            elif other is None or other.is_student:
                found.setdefault(source_id, {})[agent] = None
    return {adult: list(theirs) for adult, theirs in found.items()}


def _add_guardian(
    exchange: Exchange, source_id: str, user: User, children: list[str], languages: HomeLanguages
) -> None:
    sms, phone = user.sheet.column("sms"), user.sheet.column("phone")
    column = sms if user.row.at(sms) else phone
    number: str | None = None
    try:
        number = phone_in(user.row.raw(column), exchange.options.region)
    except BadCell as bad:
        user.sheet.faults.append(user.sheet.fault(user.row.number, column, str(bad)))
    school = exchange.school_of(user.orgs)
    if school is None:
        there = (exchange.roster.students.get(child) for child in children)
        school = next((child.school for child in there if child is not None), "")
    exchange.roster.guardians[source_id] = GuardianRecord(
        (source_id,),
        school,
        user.name,
        number,
        languages.of_guardian(source_id, children, user.place),
        user.place,
        column.title,
    )


def _childless(exchange: Exchange, sheet: Sheet, children: dict[str, list[str]]) -> None:
    column = sheet.column("agentSourcedIds", "agents")
    for source_id, user in exchange.users.items():
        if user.roles & GUARDIANS and source_id not in children and exchange.roster.whole:
            exchange.roster.notices.append(
                user.place.fault(column.title, "is the guardian of no student in these files: left out.")
            )
