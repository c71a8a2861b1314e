"""The book's drawings as native PowerPoint shapes, with the same words."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from cxassess.exchange.slides_deck import SlidesError
from cxassess.exchange.slides_shapes import LABEL, NOTE, arrow, box, line, paint, text_box
from cxassess.exchange.slides_theme import MARGIN, PALETTE
from cxassess.language import say
from cxassess.model import load_model

LEFT, TOP, WIDTH = MARGIN, 1.65, 12.13
CURVES = {
    "delight": ("good", ((3, 49), (40, 48), (62, 40), (76, 4))),
    "performance": ("accent", ((3, 96), (33, 66), (64, 36), (94, 6))),
    "must": ("target", ((20, 97), (32, 66), (55, 54), (97, 53))),
}
"""Kano's curves as Bézier points, in hundredths of the plane from its upper left."""
RATINGS = {"one": (3, 3, 3, 2, 3, 4), "two": (1, 5, 1, 5, 1, 5)}
EVENTS = (("sales", 1), ("support", 1), ("support", 2), ("finance", 1), ("marketing", 1))
"""What happened to the customer, in order."""


def diagram(slide: Any, name: str, points: Sequence[str] = ()) -> None:
    """Draw a drawing of the book on a slide, as one group with a text alternative.

    Args:
        slide: the slide.
        name: the drawing's name, such as `kano`.
        points: sentences to write under it.

    Raises:
        SlidesError: there is no such drawing.
    """
    if name not in DIAGRAMS:
        raise SlidesError("unknown_drawing", found=name, known=", ".join(DIAGRAMS))
    group = slide.shapes.add_group_shape()
    high = 4.3 if points else 5.15
    DIAGRAMS[name](group.shapes, high)
    key = name.replace("-", "_")
    steps = _t("join").join(str(step.name) for step in load_model().records["step"].values())
    properties = group._element.nvGrpSpPr.cNvPr
    properties.set("name", _t(f"{key}_title"))
    properties.set("descr", say(f"drawings.{key}_desc", steps=steps))
    for style in group._element.iter(qn("a:effectRef")):
        style.set("idx", "0")  # no shadows
    if points:
        text_box(slide.shapes, LEFT, TOP + high + 0.1, WIDTH, 0.85, "\n".join(points), LABEL)


def _course_path(shapes: Any, high: float) -> None:
    names = ("mirror", "people", "promise", "numbers", "plan", "review")
    _grid(shapes, high, [(_t(f"course_path_{one}"), _t(f"course_path_{one}_note")) for one in names], 3)


def _seven_steps(shapes: Any, high: float) -> None:
    _grid(shapes, high, [(str(step.name), "") for step in load_model().records["step"].values()], 4)


def _grid(shapes: Any, high: float, steps: Sequence[tuple[str, str]], columns: int) -> None:
    """Numbered boxes, row by row, with arrows between them."""
    rows, gap = -(-len(steps) // columns), 0.45
    wide, tall = (WIDTH - gap * (columns - 1)) / columns, (high - gap * (rows - 1)) / rows
    for place, (label, note) in enumerate(steps):
        row, column = divmod(place, columns)
        left, top = LEFT + column * (wide + gap), TOP + row * (tall + gap)
        box(shapes, left, top, wide, tall, f"{place + 1}  {label}", note)
        if column < columns - 1 and place < len(steps) - 1:
            arrow(shapes, left + wide + 0.04, top + tall / 2, gap - 0.08)


def _benefit_chain(shapes: Any, high: float) -> None:
    metrics = load_model().records["metric"]
    ids = [
        id
        for id in ("improvement_proposals", "feature_releases", "tickets", "retention_rate")
        if id in metrics
    ]
    gap = 0.45
    wide = (WIDTH - gap * (len(ids) - 1)) / len(ids)
    for place, id in enumerate(ids):
        left = LEFT + place * (wide + gap)
        box(shapes, left, TOP, wide, high * 0.52, _t(f"benefit_chain_{id}"))
        box(
            shapes,
            left,
            TOP + high * 0.52,
            wide,
            high * 0.4,
            "",
            str(metrics[id].name),
            fill="paper",
            edge="accent",
        )
        if place:
            arrow(shapes, left - gap + 0.04, TOP + high * 0.26, gap - 0.08)


def _difficult_interaction(shapes: Any, high: float) -> None:
    steps, gap = ("listen", "name", "offer", "agree", "follow"), 0.3
    wide = (WIDTH - gap * 4) / 5
    rights = (("all", 0, 2, "accent"), ("limit", 2, 2, "good"), ("owner", 4, 1, "target"))
    for place, one in enumerate(steps):
        left = LEFT + place * (wide + gap)
        texts = _t(f"difficult_interaction_{one}"), _t(f"difficult_interaction_{one}_note")
        box(shapes, left, TOP, wide, high * 0.5, *texts)
        if place:
            arrow(shapes, left - gap + 0.02, TOP + high * 0.25, gap - 0.04)
    for one, start, span, edge in rights:
        left, across = LEFT + start * (wide + gap), wide * span + gap * (span - 1)
        texts = _t(f"difficult_interaction_decides_{one}"), _t(f"difficult_interaction_decides_{one}_note")
        box(shapes, left, TOP + high * 0.56, across, high * 0.44, *texts, fill="paper", edge=edge)


def _proactive_service(shapes: Any, high: float) -> None:
    parts = (
        ("knows", "wash"),
        ("first", "good"),
        ("notices", "wash"),
        ("alone", "target"),
        ("calls", "wash"),
    )
    gap, wide = 0.3, (WIDTH - 1.2) / 5
    for place, (one, colour) in enumerate(parts):
        left = LEFT + place * (wide + gap)
        texts = _t(f"proactive_service_{one}"), _t(f"proactive_service_{one}_note")
        edge = None if colour == "wash" else colour
        box(shapes, left, TOP, wide, high, *texts, fill="paper" if edge else "wash", edge=edge)
        if place:
            arrow(shapes, left - gap + 0.02, TOP + high / 2, gap - 0.04)


def _review_loop(shapes: Any, high: float) -> None:
    gap, names = 0.45, ("assess", "plan", "do", "review")
    wide, tall = (WIDTH - gap * 3) / 4, high * 0.36
    for place, one in enumerate(names):
        left = LEFT + place * (wide + gap)
        box(shapes, left, TOP, wide, tall, _t(f"review_loop_{one}"), _t(f"review_loop_{one}_note"))
        arrow(shapes, left + wide + 0.04, TOP + tall / 2, gap - 0.08) if place < len(names) - 1 else None
    text_box(shapes, LEFT, TOP + high * 0.4, WIDTH, 0.45, _t("review_loop_asks"), LABEL, bold=True)
    wide = (WIDTH - gap * 2) / 3
    for place, (one, edge) in enumerate((("continue", "good"), ("change", "accent"), ("stop", "target"))):
        texts = _t(f"review_loop_{one}"), _t(f"review_loop_{one}_note")
        left, top = LEFT + place * (wide + gap), TOP + high * 0.5
        box(shapes, left, top, wide, high * 0.5, *texts, fill="paper", edge=edge)


def _win_win(shapes: Any, high: float) -> None:
    fields = (("ours", "target"), ("both", "good"), ("none", "line"), ("theirs", "accent"))
    wide, tall = (WIDTH - 0.2) / 2, (high - 1.15) / 2
    text_box(shapes, LEFT, TOP - 0.1, WIDTH, 0.45, f"↑ {_t('win_win_margin')}", NOTE)
    for place, (one, edge) in enumerate(fields):
        row, column = divmod(place, 2)
        left, top = LEFT + column * (wide + 0.2), TOP + 0.4 + row * (tall + 0.15)
        texts = _t(f"win_win_{one}"), _t(f"win_win_{one}_note")
        box(shapes, left, top, wide, tall, *texts, fill="wash" if one == "both" else "paper", edge=edge)
    right = text_box(shapes, LEFT, TOP + high - 0.5, WIDTH, 0.45, f"{_t('win_win_value')} →", NOTE)
    right.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def _five_words(shapes: Any, high: float) -> None:
    step, pad, wide = high / 4.12, 0.22, 8.5
    for place, one in enumerate(("start", "first", "centric", "orient")):
        left, top = LEFT + place * pad, TOP + place * step
        tall = high - place * (step + 0.1)
        word = box(shapes, left, top, wide - 2 * place * pad, tall, _t(f"five_words_{one}"), _t(f"five_words_{one}_note"),
                   fill="paper" if place % 2 else "wash", edge="accent")  # fmt: skip
        word.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        for paragraph in word.text_frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
    arrow(shapes, LEFT + wide + 0.15, TOP + high * 0.25, 0.6)
    arrow(shapes, LEFT + wide + 0.15, TOP + high * 0.7, 0.6, back=True)
    side = LEFT + wide + 0.9
    box(shapes, side, TOP, LEFT + WIDTH - side, high * 0.4, _t("five_words_customer"))
    texts = _t("five_words_loyalty"), _t("five_words_loyalty_note")
    box(shapes, side, TOP + high * 0.45, LEFT + WIDTH - side, high * 0.55, *texts, fill="paper", edge="good")


def _saying_and_doing(shapes: Any, high: float) -> None:
    """An iceberg on the left, its words on the right."""
    water = TOP + high * 0.3
    tip = shapes.add_shape(MSO_SHAPE.ISOSCELES_TRIANGLE, *map(Inches, (LEFT + 1.5, TOP, 1.8, high * 0.3)))
    body = shapes.build_freeform(Inches(LEFT + 1.1), Inches(water))
    outline = ((LEFT + 3.7, water), (LEFT + 4.6, TOP + high * 0.6), (LEFT + 3.2, TOP + high), (LEFT + 1.4, TOP + high * 0.95),
               (LEFT + 0.3, TOP + high * 0.6))  # fmt: skip
    body.add_line_segments([(Inches(x), Inches(y)) for x, y in outline])
    for shape, fill in ((tip, "wash"), (body.convert_to_shape(), "level3")):
        paint(shape, fill, "accent")
    line(shapes, LEFT, water, LEFT + WIDTH, water, "accent")
    right, wide = LEFT + 5.1, WIDTH - 5.1
    said = f"{_t('saying_and_doing_said')}\n{_t('saying_and_doing_said_note')}"
    text_box(shapes, right, TOP, wide, high * 0.28, said, LABEL)
    shown = [_t(f"saying_and_doing_{one}") for one in ("money", "first", "reward", "clash")]
    text = "\n".join([_t("saying_and_doing_shown"), *(f"– {one}" for one in shown)])
    text_box(shapes, right, TOP + high * 0.36, wide, high * 0.62, text, LABEL)


def _kano(shapes: Any, high: float) -> None:
    wide, tall = 5.6, high - 0.8
    left, top = LEFT + 0.1, TOP + 0.4
    text_box(shapes, LEFT, TOP - 0.1, wide, 0.45, f"↑ {_t('kano_satisfied')}", NOTE)
    line(shapes, left, top, left, top + tall, "muted")
    line(shapes, left, top + tall, left + wide, top + tall, "muted")
    line(shapes, left, top + tall * 0.51, left + wide, top + tall * 0.51, "line")
    for place, (name, (colour, points)) in enumerate(CURVES.items()):
        path = [(left + x * wide / 100, top + y * tall / 100) for x, y in _bezier(points)]
        builder = shapes.build_freeform(*(Inches(one) for one in path[0]))
        builder.add_line_segments([(Inches(x), Inches(y)) for x, y in path[1:]], close=False)
        curve = builder.convert_to_shape()
        curve.fill.background()
        curve.line.color.theme_color, curve.line.width = PALETTE[colour], Pt(4)
        texts = _t(f"kano_{name}"), _t(f"kano_{name}_note")
        each = (high - 0.3) / 3
        place_of = (LEFT + wide + 0.5, TOP + place * (each + 0.15), WIDTH - wide - 0.5, each)
        box(shapes, *place_of, *texts, fill="paper", edge=colour)
    done = text_box(shapes, left, top + tall + 0.02, wide, 0.45, f"{_t('kano_done')} →", NOTE)
    done.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


def _bezier(points: Sequence[tuple[float, float]], parts: int = 24) -> list[tuple[float, float]]:
    """Points on a cubic Bézier curve."""
    weights = [
        ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        for t in (n / parts for n in range(parts + 1))
    ]
    return [
        (sum(w * x for w, (x, _) in zip(one, points, strict=True)), sum(w * y for w, (_, y) in zip(one, points, strict=True)))
        for one in weights
    ]  # fmt: skip


def _one_history(shapes: Any, high: float) -> None:
    names, wide = ("sales", "support", "finance", "marketing"), 2.85
    tall = (high - 0.45 - 0.1 - 0.85) / 2
    text_box(shapes, LEFT, TOP - 0.1, 2 * wide, 0.5, _t("one_history_apart"), NOTE, bold=True)
    for place, one in enumerate(names):
        row, column = divmod(place, 2)
        knows = [_t(f"one_history_{name}_{n}") for name, n in EVENTS if name == one]
        left, top = LEFT + column * (wide + 0.15), TOP + 0.45 + row * (tall + 0.1)
        box(
            shapes,
            left,
            top,
            wide,
            tall,
            _t(f"one_history_{one}"),
            "\n".join(knows),
            fill="paper",
            edge="line",
        )
    side = LEFT + 2 * wide + 0.85
    arrow(shapes, side - 0.62, TOP + 0.45 + tall, 0.5)
    text_box(shapes, side, TOP - 0.1, LEFT + WIDTH - side, 0.5, _t("one_history_together"), NOTE, bold=True)
    for place, (name, n) in enumerate(EVENTS):
        top = TOP + 0.4 + place * (2 * tall + 0.2) / len(EVENTS)
        text_box(shapes, side, top, LEFT + WIDTH - side, 0.5, f"●  {_t(f'one_history_{name}_{n}')}", LABEL)
    box(shapes, LEFT, TOP + high - 0.7, WIDTH, 0.65, _t("one_history_sum"), fill="wash", edge="target")


def _disagreement(shapes: Any, high: float) -> None:
    wide, dot = (WIDTH - 1) / 2, 0.36
    for place, (team, ratings) in enumerate(RATINGS.items()):
        left, floor = LEFT + place * (wide + 1), TOP + high - 0.6
        at = {level: left + wide * (level * 20 - 10) / 100 for level in range(1, 6)}
        text_box(
            shapes,
            left,
            TOP,
            wide,
            1.2,
            f"{_t(f'disagreement_{team}')}\n{_t(f'disagreement_{team}_note')}",
            LABEL,
        )
        middle = left + wide * (sum(ratings) / len(ratings) * 20 - 10) / 100
        line(shapes, middle, TOP + 1.3, middle, floor, "target")
        line(shapes, left, floor, left + wide, floor, "muted")
        for number, level in enumerate(ratings):
            below = ratings[:number].count(level)
            corner = (at[level] - dot / 2, floor - 0.12 - (below + 1) * (dot + 0.06), dot, dot)
            paint(shapes.add_shape(MSO_SHAPE.OVAL, *map(Inches, corner)), "accent", "paper")
        ends = (("low", PP_ALIGN.LEFT), ("mean", PP_ALIGN.CENTER), ("high", PP_ALIGN.RIGHT))
        for number, (name, align) in enumerate(ends):
            end = text_box(
                shapes,
                left + number * wide / 3,
                floor + 0.05,
                wide / 3,
                0.45,
                _t(f"disagreement_{name}"),
                NOTE,
            )
            end.text_frame.paragraphs[0].alignment = align


DIAGRAMS: Mapping[str, Callable[[Any, float], None]] = {
    "course-path": _course_path,
    "five-words": _five_words,
    "benefit-chain": _benefit_chain,
    "saying-and-doing": _saying_and_doing,
    "win-win": _win_win,
    "disagreement": _disagreement,
    "kano": _kano,
    "proactive-service": _proactive_service,
    "one-history": _one_history,
    "difficult-interaction": _difficult_interaction,
    "seven-steps": _seven_steps,
    "review-loop": _review_loop,
}
"""How each drawing is made: given the shapes of its group and the height in inches that there is."""


def _t(key: str) -> str:
    return say(f"drawings.{key}")
