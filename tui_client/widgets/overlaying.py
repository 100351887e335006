"""How a screen is put together while something lies over its panes: without a trace of what is below. UI thread.

Textual cuts every line wherever a widget begins or ends, also where that lies below another one. A Hangul syllable on such a place is
cut in two, and a terminal is given two blanks for it (Textual 8.2.8, `Compositor._render_chops`). Here, what lies below doesn't cut.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

_NOTHING = Strip([], 0)
"""Where nothing is drawn."""


class OverlaidCompositor(Compositor):
    """Textual's own, as long as `overlay`, which must have no widgets inside it, can't be seen."""

    def __init__(self, overlay: Widget) -> None:
        super().__init__()
        self._overlay = overlay

    @property
    def _covered(self) -> Region:
        """What lies below, if anything does."""
        region, clip = self.visible_widgets.get(self._overlay, (Region(), Region()))
        return region.intersection(clip)

    @property
    def cuts(self) -> list[list[int]]:
        """Where a widget that can be seen there begins or ends, for every line."""
        if self._cuts is None:
            covered, cuts = self._covered, super().cuts
            for line in cuts[covered.y : covered.bottom]:
                line[:] = [cut for cut in line if not covered.x < cut < covered.right]
        return super().cuts

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        if not self._covered:
            return super()._render_chops(crop, is_rendered_line)
        chops = [dict.fromkeys(line[:-1], _NOTHING) for line in self.cuts]
        for region, clip, strips in self._get_renders(crop):
            seen = region.intersection(clip)
            for y, strip in zip(seen.line_range, strips, strict=False):
                if is_rendered_line(y):
                    self._fill(chops[y], self.cuts[y], strip, seen)
        return chops

    def _fill(self, line: dict[int, Strip], cuts: Sequence[int], strip: Strip, seen: Region) -> None:
        """Put what a widget has in a line wherever nothing in front of it has put anything."""
        for left, right in pairwise(cuts):
            if line[left] is _NOTHING and seen.x <= left and right <= seen.right:
                line[left] = strip.crop(left - seen.x, right - seen.x)

    def _regions_to_spans(self, regions: Iterable[Region]) -> Iterable[tuple[int, int, int]]:  # type: ignore[override]
        """Up to where something really ends: a part of what lies below may have changed, and the half of a syllable be drawn."""
        for y, start, end in super()._regions_to_spans(regions):
            yield y, start, next((cut for cut in self.cuts[y] if cut >= end), end)
