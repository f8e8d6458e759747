"""What scripts and letters alone say about a language: alphabets, who owns a script, simplified or traditional Chinese,
Cantonese, Tigrinya. The facts come from the alphabets and from Unicode; which languages are likely comes from the home
languages that US schools report."""

from __future__ import annotations

import re

# Letters that only some of a script's languages use; each occurrence is strong evidence. From the alphabets.
LETTERS: dict[str, dict[str, str]] = {
    "Arab": {
        "ur": "ٹڈڑںےھۓ",
        "ps": "ټډړښځڅګۍې",
        "ckb": "ەێۆڕڵ",
        "fa": "پچژگکی",
        "ar": "ةىيكأإؤئ",
    },
    "Cyrl": {
        "uk": "іїєґ",
        "be": "ў",
        "sr": "ђћџљњј",
        "mk": "ѓќѕ",
        "kk": "әғқңұүһө",
        "ru": "ыэё",
        "bg": "ъ",
    },
    "Latn": {
        "vi": "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
        "es": "ñ¿¡",
        "pt": "ãõ",
        "fr": "œùûë",
        "ht": "òè",
        "tr": "ğış",
        "pl": "łąęńśźż",
        "ro": "țș",
        "de": "ß",
        "az": "ə",
    },
}
# Scripts that one language of ours owns.
OWNED = {
    "Hang": "ko",
    "Hira": "ja",
    "Kana": "ja",
    "Hebr": "he",
    "Grek": "el",
    "Armn": "hy",
    "Geor": "ka",
    "Thai": "th",
    "Laoo": "lo",
    "Khmr": "km",
    "Taml": "ta",
    "Telu": "te",
    "Guru": "pa",
    "Gujr": "gu",
    "Knda": "kn",
    "Mlym": "ml",
    "Sinh": "si",
    "Orya": "or",
}
_LATIN = (
    "en es pt fr ht vi tl so sw id ms tr it de nl af pl ro sk cs hu az uz sq om ku yo ig ha rw ln ca sv da "
    "no fi hr sl et lt lv mg"
)
# Which of py3langid's labels can stand for a text in a script. A short list is worth more than a clever model:
# "si" is Tagalog or Zulu only when those are on the list and the family's own language is not.
CANDIDATES: dict[str, tuple[str, ...]] = {
    "Latn": tuple(_LATIN.split()),
    "Arab": ("ar", "fa", "ur", "ps", "sdh", "ug"),
    "Cyrl": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"),
    "Deva": ("ne", "hi", "mr"),
    "Beng": ("bn", "as"),
    "Ethi": ("am",),
    "Mymr": ("my",),
}
FREQUENT = frozenset(
    [
        "en",
        "es",
        "pt",
        "fr",
        "ht",
        "vi",
        "tl",
        "so",
        "sw",
        "ar",
        "fa",
        "ur",
        "ps",
        "ru",
        "uk",
        "ne",
        "hi",
        "bn",
        "am",
        "ja",
        "my",
    ]
)
LESS_FREQUENT = frozenset(
    [
        "id",
        "ms",
        "tr",
        "it",
        "de",
        "nl",
        "af",
        "pl",
        "ro",
        "sk",
        "az",
        "sr",
        "om",
        "ku",
        "sdh",
        "uz",
        "hu",
        "sq",
        "rw",
    ]
)
RENAMED = {"sdh": "ckb", "arz": "ar", "ary": "ar", "wuu": "zh"}
TIGRINYA_LETTERS = re.compile(r"[ሓኣኸኹኺኻኼኽኾቐቑቒቓቔቕቖዃ]")
TIGRINYA_WORDS = re.compile(
    r"(?<!\w)(እዩ|እየ|እያ|እዮም|የቐንየለይ|ድዩ|ከመይ|እወ|ናይ|ሎሚ|ጽባሕ|ትማሊ|ወደይ|ጓለይ|ክንደይ|ንዓይ|ብጣዕሚ|ምስ|እንታይ)(?!\w)"
)
_CANTONESE = re.compile(
    r"[嘅唔喺咗佢哋啲嗰嚟冇乜噉嘢攞畀睇瞓靚咁嘞啱搵揾嗌嘥諗]|聽日|琴日|琴晚|尋日|尋晚|邊個|邊度|點解|點樣|幾多錢|幾點.{1,4}[呀㗎]|返學|返工"
    r"|細路|阿媽|啦喎|㗎|嚿|而家|係[呀啊咪嘅]|^\s*係\W*$|一陣間|第日"
)
_SIMPLIFIED = frozenset(
    "爱边变标别参产长车陈处传从达带单当点电东动对儿发个该给关观广归国过还汉号后华话欢会机几见间将讲结节进经觉"
    "开来乐离里两练吗买卖门们么难脑你鸟农钱请区让热认师时实识书谁说诉孙虽岁厅听头图团为问无习现乡谢写兴学样业"
    "医应员远愿阅运张这阵证钟种众专转准组费烧响请语课题试卷级阳阴饭馆药园辆闹错读错该谈论让请读"
)
_TRADITIONAL = frozenset(
    "愛邊變標別參產長車陳處傳從達帶單當點電東動對兒發個該給關觀廣歸國過還漢號後華話歡會機幾見間將講結節進經覺"
    "開來樂離裡裏兩練嗎買賣門們麼難腦鳥農錢請區讓熱認師時實識書誰說訴孫雖歲廳聽頭圖團為問無習現鄉謝寫興學樣業"
    "醫應員遠願閱運張這陣證鐘種眾專轉準組費燒響語課題試級陽陰飯館藥園輛鬧錯讀談論"
)


def chinese(text: str, prior: str | None) -> tuple[str, str, float]:
    """(language, script, confidence) of a text in Chinese characters."""
    simplified = sum(c in _SIMPLIFIED and c not in _TRADITIONAL for c in text)
    traditional = sum(c in _TRADITIONAL and c not in _SIMPLIFIED for c in text)
    if simplified == traditional:
        script = "Hant" if prior in ("zh-Hant", "yue") else "Hans"
    else:
        script = "Hans" if simplified > traditional else "Hant"
    if prior == "ja" and simplified == 0:
        return "ja", "Jpan", 0.6
    if _CANTONESE.search(text):
        return "yue", script, 0.9
    if prior == "yue":
        return "yue", script, 0.6
    return "zh", script, 0.95
