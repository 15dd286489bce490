"""Text that somebody wrote, as Markdown that shows it and does nothing else."""

from __future__ import annotations

import re

#: What Markdown and Streamlit's additions to it take for more than itself: emphasis, code, links, images, HTML,
#: entities, formulas, :red[colours] and :::directives.
_MARKS = re.compile(r"[\\`*_\[\]<~$&]|:(?=[A-Za-z:])")
#: At the beginning of a line: headings, quotes, lists, rules, tables.
_LINE_MARKS = re.compile(r"^(?:[#>+=|-]|[0-9]{1,9}(?=[.)]))")
#: :smile: and :material/home: become images after Markdown has been read, where no backslash helps.
_IMAGE_CODE = re.compile(r":(?=[\w+/-]+:)")
_WORD_JOINER = "\u2060"


def as_text(value: object) -> str:
    """`value` as Markdown that shows exactly its text, in one line: for names, links' values and error messages.

    Every text that is not the app's own goes through here on its way into a label, caption, alert or heading.
    """
    line = " ".join(str(value).split())
    line = _IMAGE_CODE.sub(":" + _WORD_JOINER, line)
    line = _MARKS.sub(r"\\\g<0>", line)
    found = _LINE_MARKS.match(line)
    if found is None:
        return line
    end = found.end()
    return f"{line[:end]}\\{line[end:]}" if found.group().isdigit() else f"\\{line}"
