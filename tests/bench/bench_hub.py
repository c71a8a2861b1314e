"""Memory that a person takes on the hub: the server alone, with a kernel that shows the form, with a lesson's tables."""

import statistics
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import psutil

from tests.bench.timing import table
from tests.browser.hub import PEOPLE, Hub, Person, running_hub

FORM = "import cxassess as cx; form = cx.assess('my-team/bench', 'me'); print('shown')"
TABLES = """
import pandas as pd
import cxassess as cx
sales = pd.read_csv('datasets/shop/transactions.csv')
chart = cx.charts.themes(cx.score(cx.read_answers('datasets/teams/customer-support/2026-04')))
print('shown')
"""


def main() -> None:
    with running_hub() as hub:
        passwords = hub.passwords()
        people = [Person(hub, name) for name, (role, _) in PEOPLE.items() if role == "learner"]
        for person in people:
            person.log_in(passwords[person.name])
        people[0].start()
        alone = [[taken(people[0], hub)]]
        for code in (FORM, TABLES):
            shown(people[0], code)
            alone.append([taken(people[0], hub)])
        for person in people[1:]:
            person.start()
        with ThreadPoolExecutor(len(people)) as pool:
            together = [[taken(one, hub) for one in people[1:]]]
            for code in (FORM, TABLES):
                list(pool.map(lambda one, code=code: shown(one, code), people[1:]))  # type: ignore[misc]
                together.append([taken(one, hub) for one in people[1:]])
        whole = megabytes(psutil.Process(hub.process.pid).children(recursive=True), "root")
        whole += megabytes([psutil.Process(hub.process.pid)], "root")
    what = ("the server alone", "and a kernel that shows the form", "and a lesson's tables and charts")
    rows = [
        (name, f"{statistics.mean(one):.0f} MB", f"{statistics.mean(many):.0f} MB")
        for name, one, many in zip(what, alone, together, strict=True)
    ]
    rows.append(("hub, proxy and culler, once for all", "", f"{whole:.0f} MB"))
    print(table(["memory a person", "one person", f"each of {len(people)} at once"], rows))
    print(
        "\nProportional set size (PSS): what processes share is divided among them. Real servers and kernels of accounts of their own."
    )


def shown(person: Person, code: str) -> None:
    told = person.run(code)
    if told.splitlines()[-1:] != ["shown"]:
        raise RuntimeError(told)


def taken(person: Person, hub: Hub) -> float:
    """Megabytes of all the person's processes."""
    uid = int(hub.inside("id", "-u", person.name))
    return megabytes((one for one in psutil.process_iter(["uids"]) if one.info["uids"].real == uid), "")


def megabytes(processes: Iterable[psutil.Process], owner: str) -> float:
    """The proportional set size of processes; only those of `owner` if it is given."""
    return sum(one.memory_full_info().pss for one in processes if not owner or one.username() == owner) / 1e6


if __name__ == "__main__":
    main()
