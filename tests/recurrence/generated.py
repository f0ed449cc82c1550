"""Cron expressions and zones to try: the same ones for the same seed."""

from random import Random

GAPS = ("shift", "skip")
OVERLAPS = ("first", "second", "both")
POLICIES = [(gap, overlap) for gap in GAPS for overlap in OVERLAPS]

# Each with a year in which its clock does something of its own.
ZONES = (
    ("Europe/Berlin", 2026),  # one hour, at 02:00
    ("America/New_York", 2026),
    ("Australia/Lord_Howe", 2026),  # half an hour
    ("Africa/Casablanca", 2026),  # back for Ramadan
    ("Asia/Kathmandu", 1986),  # a gap of 15 minutes at midnight
    ("America/St_Johns", 2010),  # at 00:01, so that a fold reaches into yesterday
    ("Pacific/Apia", 2011),  # 30 December does not exist
    ("UTC", 2028),  # nothing, in a leap year
    ("Africa/Cairo", 2026),  # a gap at midnight
    ("America/Sao_Paulo", 2018),  # gap and fold at midnight
    ("Asia/Tehran", 2021),  # not on a Sunday, offset of half an hour
    ("Antarctica/Troll", 2026),  # two hours
    ("America/Havana", 2026),  # back from 01:00 to midnight
    ("Asia/Pyongyang", 2018),  # half an hour, once, with no daylight saving
)

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


def cron_expression(random: Random, *, seconds: bool = False) -> str:
    """An expression, perhaps unsatisfiable; its hours gather in the night, where clocks change."""
    fields = [
        _numbers(random, 0, 59, star=0.3),
        _hours(random),
        _days(random),
        _months(random),
        _weekdays(random),
    ]
    if seconds:
        fields.insert(0, _numbers(random, 0, 59, star=0.2))
    return " ".join(fields)


def _numbers(random: Random, low: int, high: int, *, star: float, most: int = 3) -> str:
    if random.random() < star:
        steps = [step for step in (2, 5, 7, 15, 30) if step <= high]
        return random.choice(("*", f"*/{random.choice(steps)}"))
    return ",".join(_item(random, low, high) for _ in range(random.randint(1, most)))


def _item(random: Random, low: int, high: int) -> str:
    first, last = sorted((random.randint(low, high), random.randint(low, high)))
    step = random.randint(1, max(2, (high - low) // 2))
    return random.choice(
        (f"{first}", f"{last}", f"{first}-{last}", f"{first}-{last}/{step}", f"{first}/{step}")
    )


def _hours(random: Random) -> str:
    if random.random() < 0.2:
        return random.choice(("*", "*/2", "*/3", "*/6", "*,3"))
    if random.random() < 0.6:
        return _numbers(random, 0, 4, star=0)
    return _numbers(random, 0, 23, star=0)


def _days(random: Random) -> str:
    if random.random() < 0.6:
        return random.choice(("*", "*", "*", "?", "*/2"))
    special = ("L", "LW", f"{random.randint(1, 31)}W", f"{random.randint(1, 31)}")
    return ",".join([*random.sample(special, random.randint(0, 2)), _item(random, 1, 31)])


def _months(random: Random) -> str:
    if random.random() < 0.75:
        return "*"
    if random.random() < 0.5:
        return random.choice(_MONTHS)
    return _numbers(random, 1, 12, star=0.1)


def _weekdays(random: Random) -> str:
    if random.random() < 0.6:
        return random.choice(("*", "*", "*", "?", "*/2"))
    name = random.choice(_WEEKDAYS)
    special = (f"{random.randint(0, 7)}L", f"{name}L", f"{name}#{random.randint(1, 5)}", name)
    return ",".join(
        [*random.sample(special, random.randint(0, 2)), random.choice((_item(random, 0, 7), name))]
    )
