"""The languages families choose between, one entry each. Sources: Unicode CLDR for names and direction, ISO 639-3 for
which codes are one language."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way a line of text runs, in the word HTML uses."""

    LTR = "ltr"
    RTL = "rtl"


@dataclass(frozen=True, slots=True)
class Language:
    """One language as families choose it."""

    tag: str
    english: str
    autonym: str
    script: str
    """ISO 15924."""
    babel: str | None
    """The CLDR locale whose dates and times this language's readers (in the United States) expect."""
    catalog: bool = False
    """Whether `locales/` carries what the bot itself says in this language."""
    direction: Direction = Direction.LTR
    aliases: tuple[str, ...] = ()
    caution: str = ""
    """What is easily got wrong about this language, said plainly to the person who chooses."""
    spoken_first: bool = False
    """Mostly spoken: many who speak it at home read another language. Ask for the two apart."""

    @property
    def primary(self) -> str:
        """The primary subtag: `zh` of `zh-Hant`."""
        return self.tag.partition("-")[0]


_ARABIC_CAUTION = (
    "Written Arabic is shared; spoken varieties differ. Arabic typed in Latin letters is not recognised."
)
_MAYAN_CAUTION = (
    "A language of its own, not a dialect of Spanish; many speakers do not read Spanish. "
    "No engine serves it: people translate, or the family chooses another language to read."
)

ALL = (
    Language("en", "English", "English", "Latn", "en_US", aliases=("eng",)),
    Language("es", "Spanish", "Español", "Latn", "es_US", True, aliases=("spa", "castellano", "castilian")),
    Language(
        "pt",
        "Portuguese (Brazil)",
        "Português (Brasil)",
        "Latn",
        "pt_BR",
        True,
        aliases=("por", "pb", "portuguese", "brazilian portuguese", "brazilian", "kea-pt"),
        caution="Brazil's Portuguese. Cape Verdean Creole (kea) is another language.",
    ),
    Language(
        "ht",
        "Haitian Creole",
        "Kreyòl ayisyen",
        "Latn",
        "ht",
        True,
        aliases=("hat", "creole", "kreyol", "haitian", "cpf"),
        caution="Not French: many who speak Haitian Creole do not read French. No offline engine serves it.",
    ),
    Language(
        "fr",
        "French",
        "Français",
        "Latn",
        "fr",
        True,
        aliases=("fra", "fre"),
        caution="Families from Haiti may prefer Haitian Creole: ask.",
    ),
    Language("ar", "Arabic", "العربية", "Arab", "ar", True, Direction.RTL, ("ara", "arb"), _ARABIC_CAUTION),
    Language(
        "zh-Hans",
        "Chinese (simplified)",
        "简体中文",
        "Hans",
        "zh_Hans",
        True,
        aliases=("zh", "zho", "chi", "cmn", "chinese", "mandarin", "simplified chinese", "zh-sg", "zh-my"),
        caution="Simplified characters, read by most families from mainland China. Cantonese speakers may prefer traditional.",
    ),
    Language(
        "zh-Hant",
        "Chinese (traditional)",
        "繁體中文",
        "Hant",
        "zh_Hant",
        True,
        aliases=("zt", "zh-tw", "zh-hk", "zh-mo", "traditional chinese"),
        caution="Traditional characters, read by most families from Taiwan and Hong Kong.",
    ),
    Language("vi", "Vietnamese", "Tiếng Việt", "Latn", "vi", True, aliases=("vie",)),
    Language("ru", "Russian", "Русский", "Cyrl", "ru", True, aliases=("rus",)),
    Language(
        "uk",
        "Ukrainian",
        "Українська",
        "Cyrl",
        "uk",
        True,
        aliases=("ukr", "ua"),
        caution="Not Russian: ask which one a family wants to read.",
    ),
    Language("ko", "Korean", "한국어", "Kore", "ko", True, aliases=("kor",)),
    Language("tl", "Tagalog", "Tagalog", "Latn", "fil", True, aliases=("fil", "tgl", "filipino", "pilipino")),
    Language(
        "so",
        "Somali",
        "Soomaali",
        "Latn",
        "so",
        True,
        aliases=("som",),
        caution="Maay (ymm) differs much from standard Somali: ask. No offline engine serves it.",
    ),
    Language(
        "sw",
        "Swahili",
        "Kiswahili",
        "Latn",
        "sw",
        True,
        aliases=("swa", "swh", "swc", "kiswahili"),
        caution="No offline engine serves it: the phrasebook and people do.",
    ),
    # Choices a family can make although the bot's own texts are not (yet) written in them.
    Language(
        "hmn",
        "Hmong",
        "Hmoob",
        "Latn",
        None,
        aliases=("mww", "hnj", "blu", "hmong daw", "white hmong", "green hmong", "hmoob"),
        caution="White (mww) and Green (hnj) Hmong are spelled differently. Many elders speak but do not read it.",
        spoken_first=True,
    ),
    Language("ur", "Urdu", "اردو", "Arab", "ur", direction=Direction.RTL, aliases=("urd",)),
    Language(
        "am",
        "Amharic",
        "አማርኛ",
        "Ethi",
        "am",
        aliases=("amh",),
        caution="Tigrinya and Oromo are other languages, spoken by many families from the same region.",
    ),
    Language("ti", "Tigrinya", "ትግርኛ", "Ethi", "ti", aliases=("tir", "tigrigna")),
    Language("om", "Oromo", "Afaan Oromoo", "Latn", "om", aliases=("orm", "gaz", "afan oromo")),
    Language("ne", "Nepali", "नेपाली", "Deva", "ne", aliases=("nep", "npi")),
    Language(
        "prs",
        "Dari",
        "دری",
        "Arab",
        "fa_AF",
        direction=Direction.RTL,
        aliases=("fa-af", "gbz-af", "afghan persian"),
        caution="Dari is not Iranian Farsi: words for school and family differ. An engine trained on Farsi is a rough help only.",
    ),
    Language(
        "fa",
        "Farsi (Iran)",
        "فارسی",
        "Arab",
        "fa",
        direction=Direction.RTL,
        aliases=("fas", "per", "pes", "persian", "farsi"),
        caution="Iran's Persian. Families from Afghanistan may want Dari or Pashto: ask.",
    ),
    Language("ps", "Pashto", "پښتو", "Arab", "ps", direction=Direction.RTL, aliases=("pus", "pbt", "pbu")),
    Language(
        "yue",
        "Cantonese",
        "粵語",
        "Hant",
        "zh_Hant",
        aliases=("zh-yue", "cantonese"),
        caution="Spoken Cantonese is not Mandarin. In writing, traditional Chinese is usual; an interpreter must speak Cantonese.",
        spoken_first=True,
    ),
    Language("mam", "Mam", "Qyol Mam", "Latn", None, caution=_MAYAN_CAUTION, spoken_first=True),
    Language(
        "quc",
        "K'iche'",
        "K'iche'",
        "Latn",
        None,
        aliases=("kiche", "quiche"),
        caution=_MAYAN_CAUTION,
        spoken_first=True,
    ),
    Language(
        "kjb",
        "Q'anjob'al",
        "Q'anjob'al",
        "Latn",
        None,
        aliases=("qanjobal", "kanjobal"),
        caution=_MAYAN_CAUTION,
        spoken_first=True,
    ),
    Language(
        "kea",
        "Cape Verdean Creole",
        "Kriolu",
        "Latn",
        "kea",
        aliases=("cape verdean", "kabuverdianu", "kriolu"),
    ),
    Language("ja", "Japanese", "日本語", "Jpan", "ja", aliases=("jpn", "jp")),
    Language("hi", "Hindi", "हिन्दी", "Deva", "hi", aliases=("hin",)),
    Language("bn", "Bengali", "বাংলা", "Beng", "bn", aliases=("ben", "bangla")),
    Language("pa", "Punjabi", "ਪੰਜਾਬੀ", "Guru", "pa", aliases=("pan", "panjabi")),
    Language("gu", "Gujarati", "ગુજરાતી", "Gujr", "gu", aliases=("guj",)),
    Language("ta", "Tamil", "தமிழ்", "Taml", "ta", aliases=("tam",)),
    Language("te", "Telugu", "తెలుగు", "Telu", "te", aliases=("tel",)),
    Language("my", "Burmese", "မြန်မာ", "Mymr", "my", aliases=("mya", "bur", "myanmar")),
    Language(
        "kar",
        "Karen",
        "ကညီ",
        "Mymr",
        None,
        aliases=("ksw", "kjp", "s'gaw karen", "sgaw karen"),
        caution="S'gaw and Pwo Karen differ: ask.",
        spoken_first=True,
    ),
    Language("km", "Khmer", "ខ្មែរ", "Khmr", "km", aliases=("khm", "cambodian")),
    Language("lo", "Lao", "ລາວ", "Laoo", "lo", aliases=("lao", "laotian")),
    Language("th", "Thai", "ไทย", "Thai", "th", aliases=("tha",)),
    Language("id", "Indonesian", "Indonesia", "Latn", "id", aliases=("ind", "in")),
    Language("ms", "Malay", "Melayu", "Latn", "ms", aliases=("msa", "may")),
    Language("tr", "Turkish", "Türkçe", "Latn", "tr", aliases=("tur",)),
    Language(
        "ku", "Kurdish (Kurmanji)", "Kurdî", "Latn", "ku", aliases=("kur", "kmr", "kurdish", "kurmanji")
    ),
    Language(
        "ckb", "Kurdish (Sorani)", "کوردی", "Arab", "ckb", direction=Direction.RTL, aliases=("sdh", "sorani")
    ),
    Language("he", "Hebrew", "עברית", "Hebr", "he", direction=Direction.RTL, aliases=("heb", "iw")),
    Language("hy", "Armenian", "Հայերեն", "Armn", "hy", aliases=("hye", "arm")),
    Language("ka", "Georgian", "ქართული", "Geor", "ka", aliases=("kat", "geo")),
    Language("az", "Azerbaijani", "Azərbaycan", "Latn", "az", aliases=("aze",)),
    Language("uz", "Uzbek", "Oʻzbek", "Latn", "uz", aliases=("uzb",)),
    Language("de", "German", "Deutsch", "Latn", "de", aliases=("deu", "ger")),
    Language("it", "Italian", "Italiano", "Latn", "it", aliases=("ita",)),
    Language("nl", "Dutch", "Nederlands", "Latn", "nl", aliases=("nld", "dut")),
    Language("af", "Afrikaans", "Afrikaans", "Latn", "af", aliases=("afr",)),
    Language("pl", "Polish", "Polski", "Latn", "pl", aliases=("pol",)),
    Language("ro", "Romanian", "Română", "Latn", "ro", aliases=("ron", "rum", "mo", "moldovan")),
    Language("sk", "Slovak", "Slovenčina", "Latn", "sk", aliases=("slk", "slo")),
    Language("cs", "Czech", "Čeština", "Latn", "cs", aliases=("ces", "cze")),
    Language("hu", "Hungarian", "Magyar", "Latn", "hu", aliases=("hun",)),
    Language("bg", "Bulgarian", "Български", "Cyrl", "bg", aliases=("bul",)),
    Language("sr", "Serbian", "Српски", "Cyrl", "sr", aliases=("srp", "bosnian", "croatian", "bs", "hr")),
    Language("sq", "Albanian", "Shqip", "Latn", "sq", aliases=("sqi", "alb")),
    Language("el", "Greek", "Ελληνικά", "Grek", "el", aliases=("ell", "gre")),
    Language("yo", "Yoruba", "Yorùbá", "Latn", "yo", aliases=("yor",)),
    Language("ig", "Igbo", "Igbo", "Latn", "ig", aliases=("ibo",)),
    Language("ha", "Hausa", "Hausa", "Latn", "ha", aliases=("hau",)),
    Language("rw", "Kinyarwanda", "Kinyarwanda", "Latn", "rw", aliases=("kin", "rn", "kirundi", "run")),
    Language("ln", "Lingala", "Lingála", "Latn", "ln", aliases=("lin",)),
    Language("mh", "Marshallese", "Kajin M̧ajeļ", "Latn", None, aliases=("mah",)),
    Language("sm", "Samoan", "Gagana Samoa", "Latn", None, aliases=("smo",)),
)
