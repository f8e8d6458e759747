"""The `bot` command. One module a subject; what is listed here is imported only when it is called."""

from __future__ import annotations

import click

from bot.cli.lazy import Entry, LazyGroup

SECTIONS = {
    "Run it": {
        "run": Entry("bot.cli.run:run", "Everything on this machine, as one command. Ctrl-C stops it."),
        "web": Entry("bot.cli.processes:web", "The web server: webhooks, staff pages, the phone simulator."),
        "worker": Entry("bot.cli.processes:worker", "Take families' turns and send texts."),
        "scheduler": Entry("bot.cli.processes:scheduler", "Tick what is due: prompts, reminders, clean-up."),
        "doctor": Entry("bot.cli.doctor:doctor", "Check the installation and say what to do."),
        "version": Entry("bot.cli.version:version", "Print the version."),
    },
    "Try it": {
        "chat": Entry("bot.cli.talk:chat", "Write as a family, in this terminal."),
        "demo": Entry("bot.cli.demo:demo", "Play one whole conversation, on the real parts."),
    },
    "Set it up": {
        "settings": Entry("bot.cli.settings:settings", "Every setting and its meaning."),
        "migrate": Entry("bot.cli.data:migrate", "Bring the database to this version's shape."),
        "seed": Entry("bot.cli.data:seed", "Add the invented sample school."),
        "keys": Entry("bot.cli.keys:keys", "Make and rotate the keys that encrypt texts and numbers."),
        "school": Entry("bot.cli.staff:school", "Add and list schools."),
        "staff": Entry("bot.cli.staff:staff", "Add staff and set passwords."),
        "calendar": Entry("bot.cli.calendar:calendar", "Days without school, and the school's hours."),
        "import": Entry("bot.cli.records:imports", "Rosters and learning standards, from files."),
        "models": Entry("bot.cli.models:models", "Translation models: list, install, add, check."),
        "roster": Entry("bot.cli.records:roster", "What the roster holds."),
        "emergency": Entry("bot.cli.emergency:emergency", "A text that waits for nothing but two people."),
        "consent": Entry("bot.cli.consent:consent", "Why could this number be texted on that day?"),
        "whatsapp": Entry("bot.cli.whatsapp:whatsapp", "The templates WhatsApp has approved, by language."),
        "family": Entry("bot.cli.family:family", "A family's rights: export, forget, hold."),
    },
    "Words": {
        "detect": Entry("bot.cli.language:detect", "Which language is a text in?"),
        "translate": Entry("bot.cli.language:translate", "Translate a text, and say how far to trust it."),
        "languages": Entry(
            "bot.cli.language:languages", "What can and cannot be done for each language here."
        ),
        "segments": Entry("bot.cli.texts:segments", "How many SMS segments is a text?"),
        "keywords": Entry("bot.cli.texts:keywords", "STOP, HELP, WHY and the rest, in any language."),
        "screen": Entry("bot.cli.texts:screen", "Does a text ask for a person at once?"),
        "flows": Entry("bot.cli.flows:flows", "Conversations: check, test, understand."),
        "locales": Entry("bot.cli.locales:locales", "Catalogs of what the bot says: check, compile, status."),
        "memory": Entry("bot.cli.exchange:memory", "Approved translations, in and out: TMX and CSV."),
        "glossary": Entry("bot.cli.exchange:glossary", "What this community calls things, in and out."),
        "prompts": Entry("bot.cli.prompts:prompts", "Who would get a prompt, when, in which language?"),
    },
}


@click.group(cls=LazyGroup, sections=SECTIONS, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Puente: a texting bridge between schools and families, in each family's language.

    Results are printed on standard output, everything else on standard error. Exit status: 0 done, 1 the work found
    faults, 2 wrong usage or a wrong setting, 3 something needed is missing.
    """
