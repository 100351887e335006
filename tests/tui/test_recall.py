"""What was typed before: walked up and down, in the composer too, and nothing that was begun is lost on the way."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tests.tui.composer_app import ComposerApp, send, sent
from tests.tui.until import until
from tui_client.recall import MOST_REMEMBERED, Recall


def remembering(*texts: str) -> Recall:
    recall = Recall()
    for text in texts:
        recall.add(text)
    return recall


def walked(step: Callable[[str], str | None], current: str = "") -> list[str]:
    """What is shown on the way to the end, where nothing is changed."""
    found = [current]
    while (shown := step(found[-1])) is not None:
        found.append(shown)
    return found[1:]


def test_what_was_begun_is_still_there_after_an_old_text_was_sent_again() -> None:
    recall = remembering("하나", "둘")
    assert recall.older("쓰다 만 글") == "둘"
    recall.add("둘")
    assert recall.newer("") == "쓰다 만 글"
    recall.add("쓰다 만 글, 다 쓴 글")
    assert recall.newer("") is None
    assert walked(recall.older) == ["쓰다 만 글, 다 쓴 글", "둘", "하나"]


def test_what_was_begun_last_is_nearest() -> None:
    recall = remembering("하나")
    for begun in ("먼저", "나중"):
        recall.older(begun)
        recall.add("하나")
    assert walked(recall.newer) == ["나중", "먼저"]
    assert walked(recall.older, "먼저") == ["나중", "", "하나"]


def test_what_was_begun_outlives_a_text_that_was_not_sent_after_all() -> None:
    recall = remembering("하나")
    recall.older("쓰다 만 글")
    recall.add("둘")
    recall.forget("둘")
    assert walked(recall.older) == ["하나"]
    assert walked(recall.newer) == ["", "쓰다 만 글"]


def test_a_blank_line_is_not_remembered_and_ends_the_walk() -> None:
    recall = remembering("하나", "둘")
    recall.older("쓰다 만 글")
    recall.older("둘")
    recall.add(" ")
    assert recall.newer("") == "쓰다 만 글"
    assert walked(recall.older, "쓰다 만 글") == ["", "둘", "하나"]


STEPS = st.lists(st.sampled_from(["older", "newer", "type", "send"]), max_size=60)


@given(STEPS)
def test_only_what_is_changed_in_an_old_text_can_be_lost(steps: list[str]) -> None:
    recall, text, place, kept = Recall(), "", 0, set[str]()
    for number, step in enumerate(steps):
        match step:
            case "older" if (shown := recall.older(text)) is not None:
                text, place = shown, place - 1
            case "newer" if (shown := recall.newer(text)) is not None:
                text, place = shown, place + 1
            case "type":
                text += chr(ord("가") + number)
                kept |= {text[-1]} if place >= 0 else set()
            case "send":
                recall.add(text)
                kept |= set(text)
                text, place = "", 0
    below = walked(recall.newer, text)
    assert kept <= set("".join([text, *below, *walked(recall.older, (below or [text])[-1])]))


def test_recall_is_bounded_and_keeps_no_doubles() -> None:
    recall = remembering(*(str(number // 2) for number in range(1_000)))
    assert walked(recall.older) == [str(number) for number in range(499, 499 - MOST_REMEMBERED, -1)]


def test_what_was_begun_is_bounded_too() -> None:
    recall = remembering("하나")
    for number in range(2 * MOST_REMEMBERED):
        recall.older(str(number))
        recall.add("하나")
    assert len(walked(recall.newer)) == MOST_REMEMBERED


async def test_down_brings_back_a_draft_that_an_old_text_was_sent_before_of() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "하나")
        await pilot.press(*"쓰다", "up", "enter")
        await sent(pilot, app, "하나")
        assert app.composer.text == ""
        await pilot.press("down")
        assert app.composer.text == "쓰다"


async def test_a_draft_comes_back_with_all_that_was_pasted_into_it() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "하나")
        huge = "가나다라 " * 200_000
        app.post_message(events.Paste(huge))
        await until(pilot, lambda: app.composer.whole_text == huge)
        await pilot.press("up", "enter")
        await sent(pilot, app, "하나")
        await pilot.press("down")
        assert app.composer.whole_text == huge
