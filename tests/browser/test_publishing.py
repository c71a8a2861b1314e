"""What the page for publishers promises: the security policy that it names is enough."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, QuietHandler, serve
from tests.browser.test_live_assessment import PATIENCE, drop, open_page, panel, team_files

PAGE = (ROOT / "book" / "reference" / "for-publishers.md").read_text("utf-8")
POLICY = re.search(r"Content-Security-Policy: (.*)", PAGE)[1]


class PolicyHandler(QuietHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


@pytest.fixture
def guarded() -> Iterator[str]:
    """The built site under the policy."""
    with serve(ROOT / "_build" / "site", PolicyHandler) as address:
        yield f"{address}/en"


def test_pages_work_under_the_policy(chromium_page: Page, guarded: str) -> None:
    page, refused = chromium_page, []
    page.on("console", lambda told: "Content Security Policy" in told.text and refused.append(told.text))
    open_page(page, guarded)
    drop(page, team_files("2026-07"))
    team = panel(page, "Our team")
    expect(team.locator(".cx-cards")).to_be_visible(timeout=PATIENCE)
    team.get_by_role("button", name="Make a plan").click()
    expect(team.locator(".cx-report table")).to_be_visible(timeout=PATIENCE)
    page.goto(f"{guarded}/search.html?q=promoter")
    expect(page.locator(".pagefind-ui__result").first).to_be_visible(timeout=PATIENCE)
    page.goto(f"{guarded}/notebooks/05-know-your-customers.html")
    assert not refused
