"""Which Latin key a jamo lies on: 두벌식, the layout of nearly every Korean keyboard (KS X 5002). Pure tables."""

LATIN_OF_JAMO = {
    **dict(zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ", "qwertyuiop", strict=True)),
    **dict(zip("ㅁㄴㅇㄹㅎㅗㅓㅏㅣ", "asdfghjkl", strict=True)),
    **dict(zip("ㅋㅌㅊㅍㅠㅜㅡ", "zxcvbnm", strict=True)),
    **dict(zip("ㅃㅉㄸㄲㅆㅒㅖ", "QWERTOP", strict=True)),
}
"""The key under each of the 33 jamo that can be typed with one stroke; upper case stands for Shift."""

_SHIFTED = {latin: jamo for jamo, latin in LATIN_OF_JAMO.items()}

JAMO_OF_LATIN = {
    **{latin.upper(): jamo for latin, jamo in _SHIFTED.items() if latin.islower()},
    **_SHIFTED,
}
"""The jamo under each of the 52 Latin letters; with Shift most keys give the same as without."""

_MODIFIERS = frozenset({"ctrl", "alt", "super", "hyper", "meta"})


def latin_key(key: str) -> str:
    """The name of the key that would have been pressed in Latin mode: `ctrl+ㅊ` → `ctrl+c`.

    Keys without a modifier stay as they are, since there a jamo is text. Shift is named by the modifiers, never by the
    letter (`ctrl+shift+ㅃ` → `ctrl+shift+q`), as Textual does for Latin letters.
    """
    *modifiers, name = key.split("+")
    if _MODIFIERS.isdisjoint(modifiers) or name not in LATIN_OF_JAMO:
        return key
    return "+".join([*modifiers, LATIN_OF_JAMO[name].lower()])
