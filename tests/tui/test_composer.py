"""The composer: typing Korean, sending, walking back."""

import unicodedata
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.until import until
from tui_client.terminal_app import TerminalApp
from tui_client.widgets.composer import Composer
from tui_client.widgets.recall import MOST_REMEMBERED, Recall


class ComposerApp(TerminalApp[None]):
    CSS = """
    Vertical { height: 1fr; }
    Composer { height: auto; max-height: 7; border: round white !important; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "note('pageup')"),
        Binding("end", "note('end')"),
        Binding("home", "note('home')"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer(placeholder="메시지 [b]를 입력하세요")
        self.sent: list[str] = []
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Vertical()
        yield self.composer
        yield Input()

    def on_mount(self) -> None:
        self.composer.focus()

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.sent.append(message.text)

    def action_note(self, text: str) -> None:
        self.noted.append(text)

    def type(self, *keys: str) -> None:
        """Keys as a terminal sends them in one go: all are waiting when the first is handled."""
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))


async def sent(pilot: Pilot[None], app: ComposerApp, *texts: str) -> None:
    await until(pilot, lambda: app.sent == list(texts))


async def send(pilot: Pilot[None], app: ComposerApp, *texts: str) -> None:
    """Send texts one after the other, as a person does."""
    for text in texts:
        app.composer.insert(text)
        await pilot.press("enter")
        await until(pilot, lambda expected=text: app.sent[-1:] == [expected])  # type: ignore[misc]
    app.sent.clear()


# --- sending ----------------------------------------------------------------------------------------------------------


async def test_enter_sends_and_leaves_the_composer_empty() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"안녕하세요", "enter")
        await sent(pilot, app, "안녕하세요")
        assert app.composer.text == ""


async def test_syllable_that_enter_has_overtaken_is_sent() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*"안녕하세", "enter", "요")
        await sent(pilot, app, "안녕하세요")
        assert app.composer.text == ""


@pytest.mark.parametrize(
    ("keys", "expected", "left"),
    [
        (["a", "enter", "b"], ["a"], "b"),
        (["가", "enter", "나", "enter"], ["가", "나"], ""),
        (["가", "enter", "나", "는", "space", "다"], ["가"], "나는 다"),
        (["가", "enter", "left", "나"], ["가"], "나"),
        (["가", "enter", "enter", "enter"], ["가"], ""),
        (["가", "enter", "나", "ctrl+j", "다"], ["가"], "나\n다"),
        (["가", "나", "left", "enter", "다"], ["가다나"], ""),
    ],
)
async def test_keys_after_enter_are_neither_lost_nor_sent_too_early(
    keys: list[str], expected: list[str], left: str
) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        for key in keys:
            app.post_message(events.Key(key, " " if key == "space" else key if len(key) == 1 else None))
        await sent(pilot, app, *expected)
        await until(pilot, lambda: app.composer.text == left)


async def test_paste_right_after_enter_is_the_next_message() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type("가", "enter")
        app.post_message(events.Paste("나"))
        await sent(pilot, app, "가")
        assert app.composer.text == "나"


async def test_leaving_right_after_enter_sends() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type("가", "enter", "나")
        await until(pilot, lambda: app.composer.text == "가")
        app.query_one(Input).focus()
        await sent(pilot, app, "가나")


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_nothing_is_not_sent(text: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.insert(text)
        await pilot.press("enter")
        await pilot.press("enter")
        app.composer.insert("끝")
        await pilot.press("enter")
        await sent(pilot, app, f"{text}끝")


async def test_refused_text_comes_back_before_what_was_typed_since() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "앞서", "/몰라")
        app.composer.restore("/몰라")
        assert app.composer.text == "/몰라"
        await pilot.press("x", "up")
        assert app.composer.text == "앞서"
        await pilot.press("down")
        app.composer.restore("또")
        assert app.composer.text == "또\n/몰라x"
        assert app.composer.cursor_location == (1, 4)


# --- typing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "ctrl+ㅓ"])
async def test_newline_keys_make_a_line(key: str) -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가", key, "나", "enter")
        await sent(pilot, app, "가\n나")


async def test_loose_jamo_become_syllables_as_they_are_typed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*unicodedata.normalize("NFD", "한글é"))
        await until(pilot, lambda: app.composer.text == "한글é")
        await pilot.press("backspace", "backspace")
        assert app.composer.text == "한"


async def test_keys_that_arrive_together_keep_their_order() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.type(*"하", "backspace", *"한글", "left", "backspace", "home", *"큰", "ctrl+j", "end", *"!")
        await until(pilot, lambda: app.composer.text == "큰\n글!")


async def test_compatibility_jamo_and_other_text_stay_as_typed() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"ㅋㅋ각ㅠ")
        assert app.composer.text == "ㅋㅋ각ㅠ"


async def test_paste_arrives_whole_and_is_one_message_in_nfc() -> None:
    app = ComposerApp()
    text = "첫 줄\n둘째 줄\n" + "셋째 줄 " * 2_000
    async with app.run_test() as pilot:
        app.post_message(events.Paste(unicodedata.normalize("NFD", text)))
        await until(pilot, lambda: app.composer.text == text)
        await pilot.press("enter")
        await sent(pilot, app, text)


async def test_undo_and_cut_work() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press(*"가나", "ctrl+z")
        assert app.composer.text == ""
        await pilot.press("ctrl+y", "f7", "ctrl+x")
        assert app.composer.text == ""
        assert app.clipboard == "가나"


async def test_tab_leaves_the_composer() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("가", "tab")
        assert app.focused is app.query_one(Input)
        assert app.composer.text == "가"


async def test_keys_it_has_no_use_for_go_to_the_app() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await pilot.press("pageup", "home", "end")
        assert app.noted == ["pageup", "home", "end"]
        await pilot.press(*"가나", "home", "end")
        assert app.noted == ["pageup", "home", "end"]
        await pilot.press("end")
        assert app.noted == ["pageup", "home", "end", "end"]


# --- its size and its caret -------------------------------------------------------------------------------------------


async def test_it_grows_from_one_line_to_five_and_back() -> None:
    app = ComposerApp()
    async with app.run_test(size=(40, 24)) as pilot:
        heights = []
        for _ in range(7):
            await pilot.pause()
            heights.append(app.composer.content_region.height)
            await pilot.press("ctrl+j")
        assert heights == [1, 2, 3, 4, 5, 5, 5]
        await pilot.press("가", "enter")
        await until(pilot, lambda: app.composer.content_region.height == 1)


async def test_long_line_grows_it_too_and_the_caret_is_at_its_end() -> None:
    app = ComposerApp()
    async with app.run_test(size=(20, 12)) as pilot:
        await pilot.press(*"가나다라마바사아자차카타")
        await until(pilot, lambda: app.composer.content_region.height == 2)
        x, y, _, _ = app.composer.content_region
        drawn = app.composer.render_line(1).text
        assert app.cursor_position == Offset(x + 2 * len(drawn.rstrip()), y + 1)


async def test_caret_is_right_after_a_resize() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press(*"가나다라마바사아자차카타")
        await pilot.resize_terminal(20, 10)
        await until(pilot, lambda: app.composer.content_region.height == 2)
        x, y, _, _ = app.composer.content_region
        drawn = app.composer.render_line(1).text
        await until(pilot, lambda: app.cursor_position == Offset(x + 2 * len(drawn.rstrip()), y + 1))


async def test_caret_does_not_blink_and_placeholder_is_no_markup() -> None:
    app = ComposerApp()
    async with app.run_test(size=(60, 12)):
        assert not app.composer.cursor_blink
        assert "메시지 [b]를 입력하세요" in app.composer.render_line(0).text


# --- what was typed before --------------------------------------------------------------------------------------------


async def test_up_and_down_walk_what_was_sent_and_keep_the_draft() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        await send(pilot, app, "하나", "둘\n두 줄")
        await pilot.press("초", "up")
        assert app.composer.text == "둘\n두 줄"
        await pilot.press("up")
        assert app.composer.text == "둘\n두 줄"
        await pilot.press("up")
        assert app.composer.text == "하나"
        await pilot.press("down", "down")
        assert app.composer.text == "초"


async def test_up_moves_within_a_wrapped_line_first() -> None:
    app = ComposerApp()
    async with app.run_test(size=(20, 12)) as pilot:
        await send(pilot, app, "하나")
        await pilot.press(*"가나다라마바사아자차카타", "up")
        assert app.composer.text == "가나다라마바사아자차카타"
        await pilot.press("up")
        assert app.composer.text == "하나"


@given(st.lists(st.tuples(st.sampled_from(["older", "newer", "type", "send"]), st.text(max_size=3)), max_size=40))
def test_walking_never_loses_a_draft(steps: list[tuple[str, str]]) -> None:
    recall, text, draft, below = Recall(), "", "", 0
    for step, typed in steps:
        match step:
            case "older" if (shown := recall.older(text)) is not None:
                draft = text if below == 0 else draft
                text, below = shown, below + 1
            case "newer" if (shown := recall.newer(text)) is not None:
                text, below = shown, below - 1
                assert below or text == draft
            case "type":
                text += typed
            case "send":
                recall.add(text)
                text, below = "", 0


def test_recall_is_bounded_and_keeps_no_doubles() -> None:
    recall = Recall()
    for number in range(1_000):
        recall.add(str(number // 2))
    found = []
    while (older := recall.older("")) is not None:
        found.append(older)
    assert found == [str(number) for number in range(499, 499 - MOST_REMEMBERED, -1)]
