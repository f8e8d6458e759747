"""Every sentence the bot itself says to a family, in English. Its translations are in locales/ (domain `bot`).

The key is the gettext context, the English text the msgid. Placeholders are the same in every language. Each fits
two segments in English; `bot locales check` looks at the other languages. Notes go to the people who translate.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """One sentence (or two) with what a translator should know."""

    key: str
    text: str
    note: str = ""


_ALL = (
    Phrase(
        "help",
        "This is {school}. We text families about their children's learning, and people read your answers. "
        "Write in any language. Reply STOP and we stop.",
        "Answer to HELP. STOP stays in English; the word in the family's language may stand beside it.",
    ),
    Phrase(
        "stopped",
        "{school}: we will not text you any more. If you change your mind, reply START.",
        "The one confirmation after STOP. No request, no reason asked.",
    ),
    Phrase("started", "{school}: good to have you back. We will text you again. Reply STOP and we stop."),
    Phrase("already_started", "{school}: you are already getting our texts. Reply STOP and we stop."),
    Phrase("paused", "{school}: no texts for two weeks. Write to us whenever you like; a person reads it."),
    Phrase("less", "{school}: we will text you less often: one learning text a week at most."),
    Phrase("more", "{school}: we will text you a little more often: up to three learning texts a week."),
    Phrase(
        "which_language",
        "{school}: which language do you want to read? Answer with its name, for example: {examples}.",
        "{examples} is a list of language names, each in its own language.",
    ),
    Phrase("language_set", "{school}: from now on we write to you in {language}."),
    Phrase(
        "language_by_people",
        "Our computer cannot translate {language}. People do it, so an answer can take a day.",
        "After “from now on we write to you in …”, for a language no machine here translates.",
    ),
    Phrase(
        "change_language",
        "{school}: would you like to get our texts in {language}? Reply YES or NO.",
        "Sent in both languages. YES and NO in the language of the text.",
    ),
    Phrase("language_kept", "{school}: all right, nothing changes."),
    Phrase(
        "why",
        "{school}: you get our texts because you are the contact of {child} at the school. We text about learning, "
        "about {goal} now. Reply STOP and we stop.",
    ),
    Phrase(
        "why_plain",
        "{school}: you get our texts because the school has your number as a family's contact. Reply STOP and we stop.",
        "As above, when no child or no goal is known.",
    ),
    Phrase(
        "who",
        "{school}: these texts come from {teacher} and a computer that helps with languages. People read your answers.",
    ),
    Phrase(
        "my_data",
        "{school}: a person will send you everything we hold about your family, in your language, within a few days.",
    ),
    Phrase(
        "forget_me",
        "{school}: a person will erase what you told us, and confirm it to you. Until then we text you nothing else.",
    ),
    Phrase("teacher_told", "Thank you. {teacher} will read this and answer you."),
    Phrase(
        "message_kept",
        "Thank you for writing. {teacher} has your message and will answer you.",
        "A family wrote outside any question.",
    ),
    Phrase("question_passed", "{teacher} will answer your question."),
    Phrase(
        "photo_kept",
        "Thank you for the picture. {teacher} will look at it. You can add a few words if you like.",
    ),
    Phrase("empty_text", "Your message arrived empty. Could you send it again? A photo is fine too."),
    Phrase("symbols_kept", "Thank you! {teacher} will see this.", "A family sent only emoji or signs."),
    Phrase(
        "a_person_reads",
        "Thank you. A person will read your message, because our computer could not translate it. It can take a day.",
        "The language is one no machine of ours can read, or the translation failed.",
    ),
    Phrase(
        "unknown_number",
        "Hello, this is {school}. We do not know this number yet. Please write your name and your child's name, and a "
        "person will answer.",
    ),
    Phrase("unknown_again", "Thank you. A person at {school} will read this and answer you."),
    Phrase(
        "which_child",
        "Is this about {first} or about {second}?",
        "Two questions are open, about two children. {first} and {second} are given names.",
    ),
    Phrase(
        "other_words",
        "A person will say our last message in other words for you.",
        "A family answered “?”: it did not understand.",
    ),
    Phrase(
        "word_noted",
        "Thank you for telling us. A person who knows both languages will look at our words and put them right.",
        "A family wrote “that is not the word” about our last text.",
    ),
    Phrase(
        "trouble",
        "Thank you. Something on our side did not work, so a person will read your message.",
    ),
    Phrase(
        "urgent",
        "Thank you for telling us. A person at the school is being told now. If somebody is in danger, call {emergency}. "
        "To talk to someone at any hour, call or text {crisis}.",
        "Answer to a text that may mean danger. Neutral and humane: the person reading may be the one in danger.",
    ),
    Phrase(
        "urgent_call",
        "Thank you for telling us. A person at the school is being told now. If somebody is in danger, call {emergency}. "
        "To talk to someone at any hour, call {crisis}.",
        "Answer to a text that may mean danger, where the school's crisis line takes calls but no texts.",
    ),
    Phrase(
        "promise_late",
        "{teacher} has not been able to answer you yet. We have asked a colleague to help. Thank you for waiting.",
        "A family's question has been waiting for a day.",
    ),
    Phrase(
        "emergency_head",
        "Urgent message from {school}:",
        "First line of an emergency; what happened follows on the next line.",
    ),
    Phrase(
        "emergency_in_english",
        "We could not translate this message. Please ask somebody to read it to you.",
        "Second line of an emergency that nobody could translate; the English text follows.",
    ),
)

PHRASES = {phrase.key: phrase for phrase in _ALL}
