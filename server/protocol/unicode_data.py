"""Sets of characters for which `unicodedata` has no property, each as the inside of a regular expression's `[…]`.

Kept in one place to be read and checked together; tests hold them against the Unicode data of the running Python. The
sources are Unicode's DerivedCoreProperties (Default_Ignorable_Code_Point), UnicodeData (category Cf) and emoji-data
(Extended_Pictographic). The ranges are fixed, so both ends agree on them whatever Unicode version their Python has.
"""

EVERYDAY = (
    "\n -~"
    "\u00a1-\u00ac\u00ae-\u017f"  # Latin
    "\u0400-\u0481\u048a-\u052f"  # Cyrillic without its combining signs
    "\u1ea0-\u1ef9"  # Vietnamese
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20c0"  # dashes, quotes, currencies
    "\u2190-\u2328\u232b-\u27ff"  # arrows, mathematics, C0 pictures, boxes, symbols, dingbats
    "\u3001-\u3029\u3041-\u3096\u309b-\u30ff"  # CJK punctuation and kana without their combining marks
    "\u3131-\u3163\u3165-\u318e\u3200-\u33ff"  # jamo as they are typed, without the filler between them
    "\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e"  # Han, Hangul syllables, full-width ASCII
    "\U0001f000-\U0001f3fa\U0001f400-\U0001faff"  # emoji without skin tones, which are nothing by themselves
)
"""Characters of which any sequence at all is clean: each is a starter, is visible (or a blank or `\\n`), stays itself
under NFC and never composes with a character before it. Nearly every message is made of nothing else."""

TAGGED_FLAGS = "\U0001f3f4(?:{})".format(
    "|".join(
        "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f"
        for region in ("gbeng", "gbsct", "gbwls")
    )
)
"""The only emoji with tags: England, Scotland and Wales. A regular expression; any other tags would be a text that nobody sees."""

INVISIBLE = (
    "\u0080-\u0084\u0086-\u009f"  # C1; U+0085 is a line end and becomes a blank
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U0001343f"  # Cf that is not ignorable
    "\U00016fe4\U0001d159"  # the Khitan filler and the null notehead, empty glyphs by definition
)
"""What leaves no mark of its own on the screen: controls, bidi, zero width, fillers, selectors, tags. Without
U+200D, U+FE0E and U+FE0F, which depend on their neighbours."""

UNSHOWABLE = (
    "\ud800-\uf8ff"  # surrogates and the first private area are neighbours
    "\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000))
    + "\U000f0000-\U0010ffff"
)
"""Surrogates, private use and noncharacters: nobody can know what they look like."""

PICTOGRAPHS = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2195-\u2199\u21a9\u21aa\u231a-\u2328\u2388\u23cf-\u23fa\u24c2\u25aa-\u27bf"
    "\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff\U0001fc00-\U0001fffd"
)
"""Extended_Pictographic, rounded up to few ranges, without the skin tones, which follow one, and without `↔` (U+2194),
the only one that composes with a mark (U+0338)."""

SKIN_TONES = "\U0001f3fb-\U0001f3ff"

CLINGING = (
    "\u1160-\u11ff\ud7b0-\ud7ff"  # conjoining vowels and final consonants, drawn inside the square of the initial before them
    f"{SKIN_TONES}\u200d"
    "\u05c8\u05c9\u0897\u0b53\u0b54\u0cf3\u0ece\u1acf-\u1af0\U00010d69-\U00010d6d\U00010ecb-\U00010ecf\U00010ef0-\U00010eff"
    "\U00011241\U000113b8-\U000113d2\U000113e1\U000113e2\U00011b60-\U00011b67\U00011df0\U00011f00\U00011f01\U00011f03"
    "\U00011f34-\U00011f3a\U00011f3e-\U00011f42\U00011f5a\U00013440\U00013447-\U00013455\U0001611e-\U0001612f"
    "\U0001d127\U0001d128\U0001d250-\U0001d25f\U0001d280\U0001d281\U0001e08f\U0001e4ec-\U0001e4ef\U0001e5ee\U0001e5ef"
    "\U0001e6e3\U0001e6e6\U0001e6ee\U0001e6ef\U0001e6f5"
)
"""What is drawn upon the character before it and is no mark to `unicodedata`: counted as marks are. The last three lines are marks
newer than Unicode 14, which Python 3.11 doesn't know and terminals do. Most of these ranges lose nothing by being rounded up."""
