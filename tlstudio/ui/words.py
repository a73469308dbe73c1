"""The border where English becomes the language of the window."""

from PySide6.QtCore import QCoreApplication

from tlstudio.messages import Argument, Message

_CONTEXT = "tlstudio"
_WHOLE_HOURS_FROM, _DAYS_FROM_H = 10, 48
"""Minutes beside so many hours, and hours beside so many days, tell nobody anything."""


def tr(text: str, /, **arguments: Argument) -> str:
    """The text in the language of the window; `{name}` in it is filled after translation."""
    translated = QCoreApplication.translate(_CONTEXT, text)
    return translated.format(**arguments) if arguments else translated


def tr_n(one: str, many: str, /, count: int, **arguments: Argument) -> str:
    """`one` or `many` for a count; `{n}` in either is the count with separators."""
    return tr(one if count == 1 else many, n=number(count), **arguments)


def say(message: Message) -> str:
    """A message from below the window, translated by its id, else in English; so are messages that it contains."""
    translated = QCoreApplication.translate("messages", message.id)
    template = message.template if translated == message.id else translated
    words = {name: say(item) for name, item in message.words.items()}
    return template.format(**{**message.arguments, **words})


def number(value: int) -> str:
    """1204 as "1,204"."""
    return f"{value:,}"


def percent(share: float, digits: int = 1) -> str:
    """0.939 as "93.9 %"."""
    return f"{share * 100:.{digits}f} %"


def duration(seconds: float, *, is_rough: bool = False) -> str:
    """Time in words, as exact as anybody wants it: "8 s", "3 min", "1 h 20 min", "14 h", "40 days"; rough ones have one unit."""
    if round(seconds) < 60:
        return tr("{n} s", n=max(5, 5 * round(seconds / 5)) if is_rough else max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 60:
        return tr("{n} min", n=minutes)
    hours = round(minutes / 60)
    if hours >= _DAYS_FROM_H:
        return tr("{n} days", n=number(round(minutes / 60 / 24)))
    if is_rough or hours >= _WHOLE_HOURS_FROM:
        return tr("{n} h", n=hours)
    whole, rest = divmod(minutes, 60)
    return tr("{h} h {m} min", h=whole, m=rest) if rest else tr("{h} h", h=whole)


def brief_duration(seconds: float) -> str:
    """As exact as an epoch wants it: "4.1 s", "48 s", "2 min"."""
    if seconds >= 9.95:
        return duration(seconds)
    return tr("{n} s", n=f"{seconds:.1f}") if seconds >= 0.095 else tr("under 0.1 s")


def size(num_bytes: int) -> str:
    """Bytes in the unit that reads best: "6.1 MB"."""
    value = float(num_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit in ("B", "kB") or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return ""


def in_menu(name: str) -> str:
    """A name somebody gave, as an entry of a menu: Qt takes a single "&" for the mark of a key."""
    return name.replace("&", "&&")
