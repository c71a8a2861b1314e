"""What a translation must keep of its message, and how Japanese is set."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from markdown_it.token import Token

from book.translation.messages import parser
from cxassess.model import load_model

JAPANESE = "[぀-ヿ一-鿿々〆]"
SLIPS = {
    "half-width bracket beside Japanese": re.compile(rf"{JAPANESE}[()]|[()]{JAPANESE}"),
    "half-width comma or full stop": re.compile(rf"{JAPANESE}[,.](?![A-Za-z0-9])"),
    "half-width question mark, exclamation mark, colon or semicolon": re.compile(rf"{JAPANESE}[?!:;]"),
    "space beside Japanese": re.compile(
        rf"{JAPANESE} +{JAPANESE}|{JAPANESE} +[A-Za-z0-9]|[A-Za-z0-9%] +{JAPANESE}"
    ),
    "full-width digit or letter": re.compile(r"[０-９Ａ-Ｚａ-ｚ]"),
    "English quotation mark": re.compile(r"[“”‘’]"),
}
"""Ways in which Japanese is not set."""
VARIANTS = {
    "ユーザ(?!ー)": "ユーザー", "サーバ(?!ー)": "サーバー", "ブラウザ(?!ー)": "ブラウザー", "フォルダ(?!ー)": "フォルダー",
    "メンバ(?!ー)": "メンバー", "カスタマ(?!ー|イズ)": "カスタマー", "(?<!パー)センタ(?!ー)": "センター", "コンピュータ(?!ー)": "コンピューター",
    "データー": "データ", "出来[るたなま]": "できる", "(?<=て)下さい": "ください", "頂[きくけ]": "いただく", "全て": "すべて",
    "様々": "さまざま", "及び": "および", "又は": "または", "既に": "すでに", "但し": "ただし", "是非": "ぜひ", "(?<![一合])致し": "いたし",
    "事が(?=でき|あり)": "ことが", "(?<=する)事": "こと", "(?<=する)時(?=に|は|、)": "とき", "殆ど": "ほとんど", "(?<!に)従って": "したがって",
    "ロイヤリティ": "ロイヤルティ", "カスタマージャーニ(?!ー)": "カスタマージャーニー", "アンケ−ト": "アンケート", "ヶ月|カ月|ヵ月": "か月",
    "離反率|離脱率|チャーンレート|チャーン率": "解約率", "プロモーター(?!スコア)": "推奨者", "デトラクター": "批判者", "タッチポイント": "接点",
    "バリュープロポジション": "価値提案", "ライフタイムバリュー": "顧客生涯価値", "リテンション率": "顧客維持率", "リピート率": "リピート購入率",
    "プラクティス": "施策", "カバー率|網羅率": "カバレッジ", "アセスメント": "診断", "企業A": "A社",
    "(?<![こよ])わか[らりるれろっ]": "分か…", "(?<![きい見])わたし(?!ます|ません|て)": "私", "粗利": "利益", "準備度": "準備状況",
    "十分位(?!置)": "デシル", "受付時間(?!帯)": "営業時間", "(?<![くけしすたなまみよ液])だれ": "誰",
}  # fmt: skip
"""Spellings and words that are not ours, and the one that is."""
LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z][A-Za-z'’-]*[A-Za-z]")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def problems(message: str, translation: str, names: frozenset[str] = frozenset()) -> Iterator[str]:
    """What is wrong with a translation into Japanese; nothing, where all is well.

    Args:
        message: the English, as Markdown.
        translation: the Japanese, as Markdown.
        names: words in Latin letters that may stand in Japanese although the English has them not.

    >>> list(problems("See the [result](/r.md).", "[結果](/r.md)をご覧ください。"))
    []
    >>> list(problems("See the [result](/r.md).", "結果をご覧ください."))
    ['other links: /r.md', 'half-width comma or full stop: “い.”']
    """
    ours, theirs = _inline(message), _inline(translation)
    for kind in ("links", "code", "roles", "pictures"):
        if changed := _differences(ours[kind], theirs[kind]):
            yield f"other {kind}: {', '.join(changed)}"
    if ours["strong"].total() != theirs["strong"].total():
        yield f"{ours['strong'].total()} strong in English, {theirs['strong'].total()} here"
    if theirs["em"]:
        yield "Japanese has no italics: use 「」"
    text, english = (theirs["text"].total() and _text(translation)) or "", _text(message)
    if re.search(r"[*`]|\]\(", text):
        yield f"markup that is not one: “{text}” (put ** outside 「」 and beside letters)"
    said, meant = (
        Counter(number.replace(",", "") for number in NUMBER.findall(one)) for one in (text, english)
    )
    if lost := meant - said:
        yield f"numbers that are missing: {', '.join(lost)}"
    for what, slip in SLIPS.items():
        if found := slip.search(text):
            yield f"{what}: “{found[0]}”"
    for wrong, right in VARIANTS.items():
        if found := re.search(wrong, text):
            yield f"“{found[0]}” is “{right}” here"
    known = {word.casefold() for word in names}
    for word in LATIN.findall(text):
        if word.casefold() not in known and not (word in english and not word.islower()):
            yield f"English word: “{word}”"
    yield from _terms(english, text)


def glossary() -> Mapping[str, str]:
    """The terms of the glossary, in English without what stands in brackets, with their Japanese."""
    return {
        _bare(term.name.to("en")).casefold(): _bare(term.name.to("ja"))
        for term in load_model().records["term"].values()
    }


def _bare(name: str) -> str:
    return re.sub(r"\s*[(（].*?[)）]", "", name)


def _terms(english: str, text: str) -> Iterator[str]:
    low = english.casefold()
    for term, ours in glossary().items():
        if " " in term and re.search(rf"\b{re.escape(term)}\b", low) and ours not in text:
            yield f"the glossary's word for “{term}” is “{ours}”"


def _differences(one: Counter[str], other: Counter[str]) -> list[str]:
    return sorted((one - other) + (other - one))


def _inline(text: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {
        kind: Counter() for kind in ("links", "code", "roles", "pictures", "strong", "em", "text")
    }
    for token in _tokens(text):
        match token.type:
            case "link_open":
                found["links"][str(token.attrs["href"])] += 1
            case "code_inline":
                found["code"][token.content] += 1
            case "myst_role":
                found["roles"][f"{token.meta['name']} {token.content}"] += 1
            case "image":
                found["pictures"][re.sub(r"-(en|ja)(?=\.\w+$)", "", str(token.attrs["src"]))] += 1
            case "strong_open" | "em_open" | "text":
                found[token.type.removesuffix("_open")][token.content] += 1
    return found


def _text(markdown: str) -> str:
    """What is read of a text: markup leaves nothing, code and roles a mark that is no letter."""
    return "".join(
        token.content if token.type in {"text", "image"} else " " if token.type == "softbreak" else "▪"
        if token.type in {"code_inline", "myst_role"} else ""
        for token in _tokens(markdown)
    )  # fmt: skip


def _tokens(text: str) -> list[Token]:
    return [child for token in parser().parseInline(text) for child in token.children or ()]
