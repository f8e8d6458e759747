"""Families give ideas, vote on three of them, and hear what the school did: from the coordinator's page to the phones."""

from __future__ import annotations

from tests.web.conftest import Site, text_of

OPTIONS = {"option_1": "More light in the yard", "option_2": "A reading evening", "option_3": "A later bus"}


def test_a_round_goes_from_an_idea_to_what_the_school_did(site: Site) -> None:
    town, dana = site.town, site.enter("coordinator")
    mother = town.guardian("Juliana")
    opened = dana.post(
        "/staff/rounds",
        {"title": "Spring ideas", "section": "", "day": "2026-03-05", "at": "10:30"},
        page="/staff/rounds",
    )
    path = opened.headers["Location"]
    assert opened.status_code == 303
    town.later(days=1, minutes=40)
    assert "Basta uma ideia" in mother.last.body
    mother.texts("Mais luz no pátio <à noite>")
    page = site.enter("coordinator").get(path)
    assert "Mais luz no pátio &lt;à noite&gt;" in page.text
    assert site.audit("read_ideas")[-1].detail["conversations"] == [mother.conversation]

    dana = site.enter("coordinator")
    twice = dana.post(
        f"{path}/vote", OPTIONS | {"option_2": "a later bus", "day": "2026-03-06", "at": "10:30"}, page=path
    )
    assert twice.status_code == 422
    assert "Write three different ideas." in twice.text
    assert 'value="More light in the yard"' in twice.text
    put = dana.post(f"{path}/vote", OPTIONS | {"day": "2026-03-06", "at": "10:30"}, page=path)
    assert put.status_code == 303
    town.later(days=1)
    vote = mother.last
    assert "1" in vote.body
    assert "noite de leitura" in vote.body  # the options too are in her language
    assert "More light in the yard" in str(vote.original)
    mother.texts("1")
    dana = site.enter("coordinator")
    assert "More light in the yard 1" in text_of(dana.get(path))

    done = {"said": "The yard is dark.", "did": "Two lamps stand there since Monday.", "tell": "yes", "day": "2026-03-12",
            "at": "10:30"}  # fmt: skip
    assert dana.post(f"{path}/close", done, page=path).status_code == 303
    town.later(days=6)
    told = " ".join(text.body for text in mother.shows()[-4:])
    assert "segunda-feira" in told or "lâmpadas" in told
    dana = site.enter("coordinator")
    assert "Two lamps stand there since Monday." in text_of(dana.get("/staff/partnership"))
    assert dana.post(f"{path}/close", done, page="/staff/rounds").status_code == 422
    assert [len(site.audit(one)) for one in ("opened_round", "opened_vote", "closed_round")] == [1, 1, 1]


def test_the_ledger_keeps_what_families_said_until_somebody_says_what_was_done(site: Site) -> None:
    dana = site.enter("coordinator")
    assert (
        "Write what families said first."
        in dana.post("/staff/rounds/ledger", {"said": " "}, page="/staff/rounds", follow_redirects=True).text
    )
    page = dana.post(
        "/staff/rounds/ledger", {"said": "The <bus> is early"}, page="/staff/rounds", follow_redirects=True
    ).text
    assert "The &lt;bus&gt; is early" in page
    path = page.partition('action="/staff/rounds/ledger/')[2].partition('"')[0]
    closed = dana.post(
        f"/staff/rounds/ledger/{path}",
        {"did": "It waits until 16:10."},
        page="/staff/rounds",
        follow_redirects=True,
    ).text
    assert "It waits until 16:10." in closed
    assert (
        dana.post(f"/staff/rounds/ledger/{path}", {"did": "Again"}, page="/staff/rounds").status_code == 404
    )


def test_a_round_in_quiet_hours_says_so_and_keeps_what_was_typed(site: Site) -> None:
    dana = site.enter("coordinator")
    answer = dana.post(
        "/staff/rounds", {"title": "Spring ideas", "day": "2026-03-05", "at": "22:30"}, page="/staff/rounds"
    )
    assert answer.status_code == 422
    assert "quiet hours" in answer.text
    assert 'value="Spring ideas"' in answer.text
