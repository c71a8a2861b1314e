"""The plan of a workshop with its clock times, from `model/course/workshops.toml`."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from html import escape
from itertools import groupby

from cxassess.course import CourseError, Workshop, load_workshops
from cxassess.language import say


@dataclass(frozen=True, slots=True)
class Slot:
    """An item of the plan with when it begins and ends."""

    day: int
    begins: time
    ends: time
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A workshop's plan; it shows itself as a table."""

    workshop: Workshop
    slots: tuple[Slot, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """A table in the current language, the header first."""
        head = tuple(say(f"workshop.{key}") for key in ("time", "item", "what"))
        return [
            head,
            *((f"{slot.begins:%H:%M}–{slot.ends:%H:%M}", slot.name, slot.what) for slot in self.slots),
        ]

    def __repr__(self) -> str:
        about = self.workshop
        return "\n".join([f"{about.name}: {about.goal}", *(f"{row[0]}  {row[1]}" for row in self.rows()[1:])])

    def _repr_html_(self) -> str:
        about = self.workshop
        parts = [f"<p><strong>{escape(str(about.goal))}</strong></p><p>{escape(str(about.before))}</p>"]
        head, *_ = self.rows()
        for day, slots in groupby(self.slots, key=lambda slot: slot.day):
            rows = [(f"{slot.begins:%H:%M}–{slot.ends:%H:%M}", slot.name, slot.what) for slot in slots]
            title = f"<caption>{escape(say('workshop.day', day=day))}</caption>" if self.days > 1 else ""
            cells = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
            heads = "".join(f'<th scope="col">{escape(one)}</th>' for one in head)
            parts.append(f"<table>{title}<thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>")
        return f'<div class="cx-workshop">{"".join(parts)}</div>'

    @property
    def days(self) -> int:
        """How many times people meet."""
        return max(slot.day for slot in self.slots)


def schedule(id: str, start: str = "09:00") -> Schedule:
    """The plan of a workshop, item by item, with clock times.

    Args:
        id: the format: `half_day`, `one_day` or `four_weeks`.
        start: when it begins, on each day that people meet.

    Raises:
        CourseError: there is no such format, `start` is no time of day, or the day would end after midnight.

    >>> [f"{slot.begins:%H:%M} {slot.name}" for slot in schedule("half_day", "13:30").slots][:2]
    ['13:30 Why we are here', '13:45 Read a result that is not ours']
    """
    workshops = load_workshops()
    if id not in workshops:
        raise CourseError("unknown_workshop", found=id, known=", ".join(workshops))
    try:
        begin = datetime.strptime(start, "%H:%M")
    except (TypeError, ValueError) as error:
        raise CourseError("bad_start", found=start) from error
    slots = []
    for day, items in groupby(workshops[id].items, key=lambda item: item.day):
        now = begin
        for item in items:
            until = now + timedelta(minutes=item.minutes)
            if until.date() != begin.date():
                raise CourseError("past_midnight", found=start)
            slots.append(Slot(day, now.time(), until.time(), str(item.name), str(item.what)))
            now = until
    return Schedule(workshops[id], tuple(slots))
