"""Who looks elsewhere is told of what is new, in each way that is not switched off."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from handoff.models import HandoffRequest, Reason
from tests.browser.agent_page import AgentWindow
from tests.browser.at_the_desk import mei, scene, served
from tests.browser.desk_scene import DeskScene, asked

__all__ = ["mei", "scene", "served"]

ELSEWHERE = """
  window.told = [];
  document.hasFocus = () => false;
  window.Notification = class {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(words) { told.push(words); }
  };
  const param = () => ({ setValueAtTime() {}, exponentialRampToValueAtTime() {} });
  const node = () => ({
    connect: (to) => to, frequency: param(), gain: param(), start() {}, stop() {},
  });
  window.AudioContext = class {
    currentTime = 0;
    createOscillator() { told.push("a tone"); return node(); }
    createGain() { return node(); }
  };
"""
TONES = ["a tone", "a tone"]
WORDS = "Ann is waiting"


@pytest.mark.parametrize(
    ("off", "told", "titled"),
    [
        ("", [*TONES, WORDS], True),
        ("notify", TONES, True),
        ("sound", [WORDS], True),
        ("title", [*TONES, WORDS], False),
    ],
)
async def test_each_way_of_telling_can_be_switched_off(
    mei: AgentWindow, scene: DeskScene, off: str, told: list[str], titled: bool
) -> None:
    await mei.page.add_init_script(ELSEWHERE)
    await mei.opens()
    await mei.page.locator("#presence summary").click()
    await mei.page.get_by_label("Desktop notification").check()
    if off:
        await mei.page.locator(f"#settings [name={off}]").uncheck()
    await mei.page.reload()
    await expect(mei.page.locator("#queue-empty")).to_be_visible()
    await asks(scene, "Ann")
    await expect(mei.rows).to_have_count(1)
    assert await mei.page.evaluate("told") == told
    await expect(mei.page).to_have_title(re.compile(r"^\(1\) " if titled else r"^[^(]"))
    await asks(scene, "Bob")
    await expect(mei.rows).to_have_count(2)
    assert await mei.page.evaluate("told.length") == 2 * len(told)


async def test_who_looks_at_the_page_hears_nothing(mei: AgentWindow, scene: DeskScene) -> None:
    await mei.page.add_init_script(f"{ELSEWHERE}; document.hasFocus = () => true;")
    await mei.opens()
    await asks(scene, "Ann")
    await expect(mei.rows).to_have_count(1)
    await expect(mei.page).to_have_title(re.compile(r"^\(1\) "))
    assert await mei.page.evaluate("told") == []


async def asks(scene: DeskScene, name: str) -> Any:
    said, wish = [asked("A person please")], HandoffRequest(Reason.ASKED, "A person please", "en")
    return await scene.asks(f"c-{name}", name, said, wish, timedelta(0))
