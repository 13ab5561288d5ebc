"""The seeds hold what their sources say: calendars against their packages, mappings against titles and texts in use."""

import csv
import html
import io
import re
import tarfile
import unicodedata
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import exchange_calendars
import holidays
import note_reading
import pandas as pd
import pytest
import yaml
from macro_cases import NAMED_ISSUERS
from project import PROJECT
from reference import security_class
from role_matching import match_role, normalize, parts_of, read_rules, read_seniority, rules_in_use

# The calendar package uses what pandas 4 will drop; it is locked together with pandas 3.
pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

SEEDS = PROJECT / "seeds"
SEC_FILINGS = PROJECT.parent / "shared" / "data" / "sec_form4" / "filings.tar.gz"
FI_EXPORTS = PROJECT.parent / "shared" / "data" / "fi_insyn"

OFFICER = {"officer": True}
DIRECTOR = {"director": True}
TEN_PERCENT = {"ten_percent_owner": True}


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a seed, as text."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def described_seeds() -> dict[str, dict]:
    """The seeds of `_seeds.yml` by name."""
    described = yaml.safe_load((SEEDS / "_seeds.yml").read_text(encoding="utf-8"))
    return {entry["name"]: entry for entry in described["seeds"]}


def names_of(seed_name: str, column: str) -> list[str]:
    """The distinct values of a column, in order."""
    return sorted({row[column] for row in seed(seed_name)} - {""})


# Properties


def test_every_seed_is_described():
    assert {path.stem for path in SEEDS.glob("*.csv")} == set(described_seeds())


@pytest.mark.parametrize("name", sorted(described_seeds()))
def test_columns_are_those_of_the_file(name):
    properties = described_seeds()[name]
    header = (SEEDS / f"{name}.csv").read_text(encoding="utf-8").split("\n", 1)[0].split(",")
    assert list(properties["config"]["column_types"]) == header
    assert [column["name"] for column in properties["columns"]] == header
    assert all(column["description"] for column in properties["columns"])
    assert properties["description"].startswith("One row per ")


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.csv")), ids=lambda path: path.stem)
def test_seeds_stay_small_and_clean(path):
    assert path.stat().st_size < 500 * 1024
    assert all(value == value.strip() for row in seed(path.stem) for value in row.values())


# Calendars


def rebuilt_openings(name: str) -> pd.Series:
    """Opening (UTC) of every session of an exchange calendar, from the seeds alone."""
    openings = {}
    for hours in (row for row in seed("exchange_hours") if row["exchange_calendar"] == name):
        days = pd.date_range(hours["valid_from"], hours["valid_to"], inclusive="left")
        is_regular = [hours["trading_weekdays"][weekday] == "1" for weekday in days.day_of_week]
        openings |= dict.fromkeys(days[is_regular], hours["opens_at"])
    for day in (row for row in seed("exchange_exceptions") if row["exchange_calendar"] == name):
        if day["kind"] == "closed":
            del openings[pd.Timestamp(day["session_date"])]
        else:
            openings[pd.Timestamp(day["session_date"])] = day["opens_at"]
    zone = next(row["time_zone"] for row in seed("exchange_hours") if row["exchange_calendar"] == name)
    sessions = pd.DatetimeIndex(openings).sort_values()
    times = pd.to_timedelta([openings[session] for session in sessions])
    return pd.Series(
        (sessions + times).tz_localize(zone).tz_convert("UTC").as_unit("ns"), index=sessions.as_unit("ns")
    )


def known_range(name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that the seeds cover of an exchange calendar."""
    periods = [row for row in seed("exchange_hours") if row["exchange_calendar"] == name]
    last = pd.Timestamp(max(row["valid_to"] for row in periods)) - pd.Timedelta(days=1)
    return pd.Timestamp(min(row["valid_from"] for row in periods)), last


EXCHANGES = sorted(set(names_of("exchange_hours", "exchange_calendar")) - {"weekdays"})
# pandas 3.1 steps over the sessions on weekdays that only some periods of these calendars have; their offset knows them.
SEVERAL_WEEK_MASKS = ("XBOM", "XKRX", "XTAE")


@pytest.mark.parametrize("name", sorted(set(EXCHANGES) - set(SEVERAL_WEEK_MASKS)))
def test_sessions_and_openings_are_those_of_the_package(name):
    start, end = known_range(name)
    calendar = exchange_calendars.get_calendar(name, start=start, end=end)
    pd.testing.assert_series_equal(
        rebuilt_openings(name), calendar.opens, check_names=False, check_freq=False
    )


@pytest.mark.parametrize("name", SEVERAL_WEEK_MASKS)
def test_sessions_on_changing_weekdays_are_those_of_the_package(name):
    offset = exchange_calendars.get_calendar(name, start="2026-02-02", end="2026-03-02").day
    days = pd.date_range(*known_range(name))
    changing = days[days.day_of_week >= (4 if name == "XTAE" else 5)]
    sessions = rebuilt_openings(name).index
    assert list(sessions.intersection(changing)) == [day for day in changing if offset.is_on_offset(day)]


@pytest.mark.parametrize(
    ("name", "start"), [("XBOM", "1997-01-01"), ("XKRX", "1990-01-01"), ("XTAE", "2026-01-05")]
)
def test_sessions_on_constant_weekdays_are_those_of_the_package(name, start):
    calendar = exchange_calendars.get_calendar(name, start=start, end=known_range(name)[1])
    rebuilt = rebuilt_openings(name)[start:]
    on_weekdays = rebuilt[rebuilt.index.day_of_week < 5]
    pd.testing.assert_series_equal(on_weekdays, calendar.opens, check_names=False, check_freq=False)


def test_sessions_in_tel_aviv_before_the_change_are_those_of_the_package():
    offset = exchange_calendars.get_calendar("XTAE", start="2026-02-02", end="2026-03-02").day
    days = pd.date_range("1990-01-01", "2026-01-04")
    rebuilt = rebuilt_openings("XTAE")[:"2026-01-04"]
    assert list(rebuilt.index) == [day for day in days if offset.is_on_offset(day)]
    assert set(rebuilt.dt.tz_convert("Asia/Jerusalem").dt.strftime("%H:%M")) == {"09:59"}


@pytest.mark.parametrize("name", EXCHANGES)
def test_calendars_reach_as_far_as_the_package_knows(name):
    calendar = exchange_calendars.get_calendar(name, start="2026-02-02", end="2026-03-02")
    first, last = known_range(name)
    assert first == max(pd.Timestamp("1990-01-01"), calendar.bound_min() or first)
    assert last == min(pd.Timestamp("2035-12-31"), calendar.bound_max() or last)


@pytest.mark.parametrize(
    ("calendar", "day", "is_session"),
    [
        ("XNYS", "2023-04-07", False),  # Good Friday
        ("XNYS", "2023-10-09", True),  # Columbus Day
        ("XSTO", "2024-06-21", False),  # Midsummer Eve
        ("XTAE", "2025-06-08", True),  # a Sunday
        ("XTAE", "2025-06-06", False),  # a Friday
        ("XTAE", "2026-01-09", True),  # a Friday after the change
        ("XTAE", "2026-01-11", False),
        ("XBOM", "2024-01-20", True),  # a Saturday with trading
        ("weekdays", "2024-12-25", True),
        ("weekdays", "2024-12-28", False),
    ],
)
def test_known_sessions(calendar, day, is_session):
    assert (pd.Timestamp(day) in rebuilt_openings(calendar).index) is is_session


def test_opening_follows_daylight_saving_time():
    openings = rebuilt_openings("XNYS")
    assert str(openings["2023-03-10"]) == "2023-03-10 14:30:00+00:00"
    assert str(openings["2023-03-13"]) == "2023-03-13 13:30:00+00:00"


def holidays_of(name: str) -> holidays.HolidayBase:
    """The package's holidays behind a business calendar."""
    options = {
        "AU": {"subdiv": "NSW"},
        "CA": {"subdiv": "ON"},
        "GB": {"subdiv": "ENG"},
        "SE": {"categories": ("public", "de_facto")},
    }
    years = range(2001, 2036)
    if name == "EU":
        return holidays.financial_holidays("ECB", years=years)
    return holidays.country_holidays(name, years=years, **options.get(name, {}))


@pytest.mark.parametrize("name", names_of("business_holidays", "business_calendar"))
def test_business_days_are_those_of_the_package(name):
    listed = {row["holiday_date"] for row in seed("business_holidays") if row["business_calendar"] == name}
    assert listed == {str(day) for day in holidays_of(name) if day.weekday() < 5}


@pytest.mark.parametrize(
    ("calendar", "day", "is_holiday"),
    [
        ("US", "2023-04-07", False),  # Good Friday is no federal holiday
        ("US", "2023-10-09", True),
        ("US", "2023-11-10", True),  # Veterans Day, observed
        ("SE", "2024-06-21", True),
        ("SE", "2024-12-24", True),
        ("SE", "2024-12-31", True),
        ("SE", "2024-03-28", False),  # Maundy Thursday
        ("DK", "2023-05-05", True),
        ("DK", "2024-04-26", False),  # Great Prayer Day was abolished
        ("GB", "2023-05-08", True),
        ("EU", "2024-05-01", True),
        ("EU", "2024-10-03", False),
    ],
)
def test_known_business_days(calendar, day, is_holiday):
    listed = {(row["business_calendar"], row["holiday_date"]) for row in seed("business_holidays")}
    assert ((calendar, day) in listed) is is_holiday


def test_markets_name_known_zones_and_calendars():
    calendars = set(names_of("exchange_hours", "exchange_calendar"))
    for market in seed("markets"):
        assert ZoneInfo(market["time_zone"])
        assert re.fullmatch("[0-2][0-9]:[0-5][0-9]:[0-5][0-9]", market["cut_off"])
        assert market["exchange_calendar"] in calendars
        assert market["business_calendar"] in {
            *names_of("business_holidays", "business_calendar"),
            "weekdays",
        }


def test_a_date_alone_is_known_late():
    markets = {row["market"]: row for row in seed("markets")}
    assert markets["US"]["cut_off"] == "22:00:00"
    assert {row["cut_off"] for market, row in markets.items() if market != "US"} == {"23:59:59"}
    unknown = markets.pop("unknown")
    assert (unknown["time_zone"], unknown["exchange_calendar"]) == ("Etc/GMT+12", "weekdays")


def test_an_instant_of_an_unknown_market_lies_on_the_day_that_begins_first():
    markets = {row["market"]: row for row in seed("markets")}
    unknown = markets.pop("unknown")
    assert unknown["day_zone"] == "Etc/GMT-14"
    assert all(row["day_zone"] == row["time_zone"] for row in markets.values())
    [hours] = [row for row in seed("exchange_hours") if row["exchange_calendar"] == "weekdays"]
    assert (hours["time_zone"], hours["opens_at"]) == (unknown["day_zone"], "00:00:00")


# Deadlines


def deadline(market: str, clock: str, day: str) -> tuple[int, str]:
    """Days and day kind of the one deadline for a transaction on a day."""
    (found,) = [
        row
        for row in seed("filing_deadlines")
        if (row["market"], row["clock"]) == (market, clock)
        and row["valid_from"] <= day
        and (not row["valid_to"] or day < row["valid_to"])
    ]
    return int(found["days"]), found["day_kind"]


@pytest.mark.parametrize(
    ("market", "clock", "day", "expected"),
    [
        ("US", "insider_notification", "2002-08-28", (40, "calendar")),
        ("US", "insider_notification", "2002-08-29", (2, "business")),
        ("FR", "insider_notification", "2016-07-02", (5, "trading")),
        ("FR", "insider_notification", "2016-07-03", (3, "business")),
        ("EU", "insider_notification", "2026-03-02", (3, "business")),
        ("DE", "issuer_publication", "2020-12-31", (3, "business")),
        ("DE", "issuer_publication", "2021-01-01", (5, "business")),
        ("GB", "issuer_publication", "2021-06-28", (3, "business")),
        ("GB", "issuer_publication", "2021-06-29", (5, "business")),
        ("SE", "issuer_publication", "2024-01-02", (3, "business")),
        ("CA", "insider_notification", "2010-10-31", (10, "calendar")),
        ("CA", "insider_notification", "2010-11-01", (5, "calendar")),
        ("CH", "insider_notification", "2024-01-02", (2, "trading")),
        ("CH", "issuer_publication", "2024-01-02", (5, "trading")),
    ],
)
def test_known_deadlines(market, clock, day, expected):
    assert deadline(market, clock, day) == expected


def test_the_longest_wait_for_a_tenth_of_the_next_month_is_forty_days():
    days = pd.date_range("1990-01-01", "2002-08-28")
    due = days + pd.offsets.MonthEnd(0) + pd.Timedelta(days=10)
    assert (due - days).max() == pd.Timedelta(days=deadline("US", "insider_notification", "1999-01-04")[0])


def test_deadlines_are_counted_on_the_calendars_of_their_market():
    markets = {row["market"]: row for row in seed("markets")}
    column = {
        "business": "business_calendar",
        "calendar": "business_calendar",
        "trading": "exchange_calendar",
    }
    for row in seed("filing_deadlines"):
        assert row["calendar"] == markets[row["market"]][column[row["day_kind"]]]


def test_each_clock_is_held_against_the_date_that_it_ends_with():
    pairs = {(row["clock"], row["measured_date"]) for row in seed("filing_deadlines")}
    assert pairs == {("insider_notification", "filing_date"), ("issuer_publication", "available_date")}


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.csv")), ids=lambda path: path.stem)
def test_seeds_are_written_as_texts_are_compared(path):
    text = path.read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text
    assert not re.search("[\u00ad\u200b-\u200f\u2060\ufeff]", text)


# Roles

RULES = read_rules()
SENIORITY = read_seniority()


def role_of(raw_role: str | None, flags: dict[str, bool] | None = None, version: int = 3) -> str | None:
    return match_role(raw_role, flags or {}, version, RULES, SENIORITY)[0]


def is_senior(raw_role: str | None, flags: dict[str, bool] | None = None, version: int = 3) -> bool:
    return match_role(raw_role, flags or {}, version, RULES, SENIORITY)[1]


@pytest.mark.parametrize(
    ("raw_role", "expected"),
    [
        ("CEO", "chief_executive"),
        ("Chief Executive Officer", "chief_executive"),
        ("President and CEO", "chief_executive"),
        ("Interim CEO", "chief_executive"),
        ("Co-CEO, Co-Founder", "chief_executive"),
        ("officer: Chief Executive Officer", "chief_executive"),
        ("VD", "chief_executive"),
        ("VD och koncernchef", "chief_executive"),
        ("Verkställande\u00a0direktör\u00a0(VD)", "chief_executive"),
        ("Président-Directeur Général", "chief_executive"),
        ("DIRECTEUR GENERAL", "chief_executive"),
        ("Président du Directoire", "chief_executive"),
        ("Vorstandsvorsitzender", "chief_executive"),
        ("CFO", "chief_financial"),
        ("EVP - Chief Financial Officer", "chief_financial"),
        ("Finance Director", "chief_financial"),
        ("Ekonomichef/finanschef/finansdirektör", "chief_financial"),
        ("Directeur administratif et financier", "chief_financial"),
        ("Finanzvorstand", "chief_financial"),
        ("Co-Chief Operating Officer", "other_chief_officer"),
        ("EVP, Chief People Officer", "other_chief_officer"),
        ("InterimChief Operating Officer", "other_chief_officer"),
        ("SVP & CAO", "other_chief_officer"),
        ("Directeur général délégué", "other_chief_officer"),
        ("Chairman of the Board", "chair"),
        ("Chairman (non-executive)", "chair"),
        ("COB", "chair"),
        ("Styrelseordförande", "chair"),
        ("Styrelseledamot/suppleant,Ordförande", "chair"),
        ("Président du conseil d'administration", "chair"),
        ("Aufsichtsratsvorsitzender", "chair"),
        ("President", "president"),
        ("Pres", "president"),
        ("President & COO", "president"),
        ("Managing Director", "executive_director"),
        ("Executive Director", "executive_director"),
        ("Vorstand", "executive_director"),
        ("Membre du Directoire", "executive_director"),
        ("Director", "director"),
        ("Dir", "director"),
        ("Dir, 10%", "director"),
        ("Board Member \t", "director"),
        ("Styrelseledamot/suppleant", "director"),
        (
            "Annan\u00a0medlem\u00a0i\u00a0bolagets\u00a0administrations-,\u00a0lednings-\u00a0eller\u00a0kontrollorgan",
            "director",
        ),
        ("Administrateur", "director"),
        ("Chair of Audit Committee", "director"),
        ("Vice Chairman", "director"),
        ("Vice styrelseordförande", "director"),
        ("Director & CEO of Sub", "director"),
        ("Non-Executive Director", "non_executive_director"),
        ("Membre du conseil de surveillance", "non_executive_director"),
        ("Aufsichtsrat", "non_executive_director"),
        ("General Counsel & Secretary", "general_counsel"),
        ("GC", "general_counsel"),
        ("Chefsjurist", "general_counsel"),
        ("Vice President", "officer"),
        ("VP", "officer"),
        ("Executive Vice-President", "officer"),
        ("Senior Exec. V.P.", "officer"),
        ("Vice VD", "officer"),
        ("Region VD", "officer"),
        ("VD i dotterbolag", "officer"),
        ("CEO of subsidiary", "officer"),
        ("President & CEO of subsidiary", "officer"),
        ("CFO of Example A/S", "officer"),
        ("Deputy CFO", "officer"),
        ("Sales Director", "officer"),
        ("Sales Director EMEA", "officer"),
        ("Senior Managing Director", "officer"),
        ("Group President", "officer"),
        ("President of EMEA", "officer"),
        ("EVP and President, Americas", "officer"),
        ("Chief of Staff", "officer"),
        ("Annan\u00a0ledande\u00a0befattningshavare", "officer"),
        ("Vice-Président", "officer"),
        ("Sonstige Führungsperson", "officer"),
        ("Arbetstagarrepresentant", "employee_representative"),
        ("Styrelseledamot, arbetstagarrepresentant", "employee_representative"),
        ("Administrateur représentant les salariés", "employee_representative"),
        ("10% Owner", "ten_percent_owner"),
        ("10%", "ten_percent_owner"),
        ("Former CEO", "former"),
        ("Former President, CEO and CIO", "former"),
        ("Former 10% owner", "former"),
        ("Tidigare VD", "former"),
        ("Chairman Emeritus and Director", "director"),
        ("Closely associated person of the CEO", "closely_associated"),
        ("PCA", "closely_associated"),
        ("Närstående till VD", "closely_associated"),
        ("In enger Beziehung", "closely_associated"),
        ("Personne liée à un administrateur", "closely_associated"),
        ("See Remarks", "other"),
        ("see remarks.", "other"),
        ("Adviser", "other"),
        ("Ägare", "other"),
        ("Plumbing", None),
        ("", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("version", [2, 3])
def test_role_of_a_title(raw_role, expected, version):
    assert role_of(raw_role, version=version) == expected


@pytest.mark.parametrize(
    ("raw_role", "flags", "expected"),
    [
        (None, DIRECTOR, "director"),
        (None, TEN_PERCENT, "ten_percent_owner"),
        (None, DIRECTOR | TEN_PERCENT, "director"),
        (None, {"other": True}, "other"),
        ("See Remarks", OFFICER, "officer"),
        ("See Remarks", OFFICER | DIRECTOR, "director"),
        ("Chief Financial Officer", OFFICER, "chief_financial"),
        ("Chief Financial Officer", OFFICER | DIRECTOR, "chief_financial"),
        ("Sales Director", OFFICER, "officer"),
        ("Director of Legal", OFFICER, "general_counsel"),
        ("Managing Director", OFFICER, "officer"),
        ("Managing Director", OFFICER | DIRECTOR, "executive_director"),
        ("Director", OFFICER, "officer"),
        ("Vice Chair, Commercial Banking", OFFICER, "officer"),
        ("Executive Chairman", OFFICER | DIRECTOR, "chair"),
        ("Chief Executive Officer", TEN_PERCENT, "ten_percent_owner"),
        ("Director", {"director": False, "officer": False}, "director"),
        ("Plumbing", OFFICER, "officer"),
    ],
)
@pytest.mark.parametrize("version", [2, 3])
def test_flags_come_before_the_title(raw_role, flags, expected, version):
    assert role_of(raw_role, flags, version) == expected


HEADS = [
    "CEO",
    "Chief Executive Officer",
    "President",
    "President & CEO",
    "Chairman and CEO",
    "COO",
    "VD",
    "Directeur général",
]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("unit", ["PECO Energy", "Baltimore Gas & Elec.", "Americas", "Example Bank, SSB"])
@pytest.mark.parametrize(
    "spelling",
    ["{} of {}", "{}, {}", "{} - {}", "{}; {}", "{} {}", "{} ({})", "{}: {}", "{} \u2013 {}", "{} / {}"],
)
def test_the_head_of_a_unit_is_an_officer_however_it_is_written(head, unit, spelling):
    title = spelling.format(head, unit)
    assert role_of(title) == "officer", title
    assert role_of(title, OFFICER) == "officer", title


@pytest.mark.parametrize(
    ("raw_role", "expected"),
    [
        ("CEO, Founder", "chief_executive"),
        ("CEO, Chairman of the Board", "chief_executive"),
        ("CEO (Principal Executive Officer)", "chief_executive"),
        ("Chief Executive Officer of the Company", "chief_executive"),
        ("CEO until 5/1/23", "chief_executive"),
        ("CEO Pro Tem", "chief_executive"),
        ("CEO, Part-time", "chief_executive"),
        ("CEO of the General Partner", "chief_executive"),
        ("CEO of General Partner", "chief_executive"),
        ("CFO of General Partner", "chief_financial"),
        ("President of General Partner", "president"),
        ("President of the General Partner", "president"),
        ("President, General Partner", "president"),
        ("Acting President of the Trust", "president"),
        ("President & CEO - Holding Co", "chief_executive"),
        # A semicolon begins another title.
        ("CEO; President - Consumer", "chief_executive"),
        ("President, Example Energy; CEO", "chief_executive"),
        ("CEO | President of Example Bank", "chief_executive"),
        ("CEO; Portfolio Manager", "chief_executive"),
        ("President, Treasurer & Secretary", "president"),
        ("President, COO, Head of M&A", "president"),
        ("President & COO, CEO of Example Bank", "president"),
        ("VD, styrelseledamot", "chief_executive"),
        ("CFO, Finance & Strategy", "chief_financial"),
        ("Chairman, Vice President, Sales", "chair"),
        # The form cuts a title after thirty characters.
        ("President/Chief Executive Offi", "chief_executive"),
        ("Chief Executive Officer, Presi", "chief_executive"),
        ("EVP Chief Human Resources Offi", "other_chief_officer"),
    ],
)
def test_what_is_no_unit_behind_a_title_takes_nothing_from_it(raw_role, expected):
    assert role_of(raw_role) == expected
    assert role_of(raw_role, OFFICER) == expected


@pytest.mark.parametrize(
    ("raw_role", "expected"),
    [
        ("Chief Financial Oficer", "chief_financial"),
        ("Chief Finacial Officer", "chief_financial"),
        ("Chief Executive Offficer", "chief_executive"),
        ("Chief Excutive Officer", "chief_executive"),
        ("Chief Executive Officer*", "chief_executive"),
        ("CEO\u2020", "chief_executive"),
        ("CEO, Chariman", "chief_executive"),
        ("Presidnet & CEO", "chief_executive"),
        ("Verkstallande direktör", "chief_executive"),
        ("Chief Technoloy Officer", "other_chief_officer"),
        ("Chief Actg Officer", "other_chief_officer"),
        ("Chariman of the Board", "chair"),
        # Words that are no slips of the pen.
        ("CEO, Provident Example", "officer"),
        ("President, Managed Care", "officer"),
        ("Resident Manager", "officer"),
    ],
)
def test_a_slip_of_the_pen_changes_no_role(raw_role, expected):
    assert role_of(raw_role) == expected
    assert role_of(raw_role, OFFICER) == expected


@pytest.mark.parametrize(
    ("raw_role", "expected"),
    [
        ("Vice Chairman", "director"),
        ("Sr. Vice Chairman", "director"),
        ("Vice Chair of the Board", "director"),
        ("Deputy Chairwoman", "director"),
        ("Executive Vice Chairman", "executive_director"),
        ("Executive Vice Chairman of the Board", "executive_director"),
        ("Deputy Executive Chair", "executive_director"),
        ("Non-Executive Deputy Chairman", "non_executive_director"),
        ("Deputy Non-Executive Chair", "non_executive_director"),
        ("Vice styrelseordförande", "director"),
        ("Viceordförande", "director"),
        ("Stf ordf.", "director"),
        ("Nestleder", "director"),
        ("Vice-président du conseil d'administration", "director"),
        ("Vice-présidente du conseil de surveillance", "non_executive_director"),
        ("Vice-président du directoire", "executive_director"),
        ("Stellv. Vorsitzender des Aufsichtsrats", "non_executive_director"),
        ("Stellv. Vorsitzende des Aufsichtsrats", "non_executive_director"),
        ("Stellvertretende Aufsichtsratsvorsitzende", "non_executive_director"),
        ("Stv. Vorsitzender des Verwaltungsrats", "director"),
        ("Stellv. Vorsitzender des Vorstands", "executive_director"),
        ("Stellv. Vorsitzende der Geschäftsführung", "executive_director"),
        ("Executive Vice Chair, Example Banking", "officer"),
        ("Vice Chairman of Example Banking", "officer"),
        ("Chairman, Audit Committee", "director"),
        ("Chair, Audit & Risk Committee", "director"),
        ("Chairwoman; Compensation Committee", "director"),
        ("Ordförande, revisionsutskottet", "director"),
        ("Ordförande i revisionsutskottet", "director"),
        ("Chairman, Member of the Audit Committee", "chair"),
        ("Chairman of the Board, Audit Committee", "chair"),
        ("Vorsitzende des Aufsichtsrats", "chair"),
    ],
)
def test_who_stands_in_for_the_chair_or_chairs_a_committee_is_on_the_board(raw_role, expected):
    assert role_of(raw_role) == expected


@pytest.mark.parametrize(
    ("raw_role", "flags", "before", "expected"),
    [
        ("President (interim)", OFFICER, "officer", "president"),
        ("President's Assistant", OFFICER, "officer", "officer"),
        ("Market President", OFFICER, "officer", "officer"),
        ("CEO (See Remarks)", None, "other", "chief_executive"),
        ("President - see footnote 1", OFFICER, "officer", "president"),
        ("Former CEO (See Remarks)", OFFICER, "officer", "former"),
        ("Chairman & CEO, Ret.", None, "chief_executive", "former"),
        ("EVP & CFO (Retd)", OFFICER, "chief_financial", "former"),
        ("Ex-Chairman & CEO", OFFICER, "chief_executive", "former"),
        ("Chairman, Audit Committee", OFFICER | DIRECTOR, "chair", "director"),
        ("Executive Vice Chairman", OFFICER | DIRECTOR, "chair", "executive_director"),
        ("Executive Vice Chairman", OFFICER, "chair", "officer"),
        ("CEO Baltimore Gas & Elec.", OFFICER, "chief_executive", "officer"),
        ("CEO of PECO Energy", OFFICER, "officer", "officer"),
        ("President, Example Marketplace", OFFICER, "president", "officer"),
        ("CEO, U.S.", OFFICER, "chief_executive", "officer"),
        ("CMO - Example Stores", OFFICER, "other_chief_officer", "officer"),
        ("Principal Acctg Officer", OFFICER, "officer", "other_chief_officer"),
        ("Prin. Fin. Officer", OFFICER, "officer", "chief_financial"),
        ("President of Region", OFFICER, "officer", "officer"),
        ("Ch. Product & Market Off", OFFICER, "officer", "other_chief_officer"),
        ("Chief Auditor", OFFICER, "officer", "other_chief_officer"),
        ("Chief Actuary", OFFICER, "officer", "other_chief_officer"),
        ("CNO", OFFICER, "officer", "other_chief_officer"),
        ("Chief of Staff", OFFICER, "officer", "officer"),
        ("Deputy Chief Auditor", OFFICER, "officer", "officer"),
        ("EVP - Retired", OFFICER, "officer", "former"),
        ("EVP & CFO (Retired)", OFFICER, "officer", "former"),
        ("Former CFO", OFFICER, "officer", "former"),
        ("Former CAO", {"other": True}, "other", "former"),
        ("Former CEO", TEN_PERCENT, "ten_percent_owner", "ten_percent_owner"),
        ("EVP, former CFO", OFFICER, "officer", "officer"),
        ("Former CEO", DIRECTOR, "director", "director"),
        ("Director of Legal", OFFICER, "general_counsel", "general_counsel"),
        ("Director, Legal", None, "director", "officer"),
        ("Director, Nordic Region", None, "director", "officer"),
        ("Vice Chair, Commercial Banking", None, "director", "officer"),
        ("Non-Executive Chairman", DIRECTOR, "director", "chair"),
        ("Chair", DIRECTOR | TEN_PERCENT, "director", "chair"),
        ("Chairman of Example Partners LP", DIRECTOR, "director", "director"),
        ("Chairman Emeritus", DIRECTOR, "director", "director"),
        ("Vice Chairman", DIRECTOR, "director", "director"),
    ],
)
def test_what_version_3_reads_anew(raw_role, flags, before, expected):
    assert role_of(raw_role, flags, 2) == before
    assert role_of(raw_role, flags, 3) == expected


@pytest.mark.parametrize(
    ("raw_role", "expected"),
    [
        ("CEO", True),
        ("Chair", True),
        ("President", True),
        ("Non-Executive Director", True),
        ("Vice President", False),
        ("General Counsel", False),
        ("Former CEO", False),
        ("10% Owner", False),
        ("Closely associated person of the CEO", True),
        ("Närstående, styrelseledamot", True),
        ("Närstående till inköpschef", False),
        ("PCA", False),
        ("Plumbing", False),
    ],
)
def test_seniority_of_a_title(raw_role, expected):
    assert is_senior(raw_role) is expected


@pytest.mark.parametrize(
    "title",
    [
        "CEO",
        "Sales Director",
        "Former Chairman",
        "Chieftain",
        "Vice President",
        "VD",
        "See Remarks",
        "Armchair",
        "cfo",
    ],
)
def test_version_1_is_the_test_of_the_article(title):
    in_article = any(word in title.lower() for word in ("ceo", "chief", "cfo", "director", "chair"))
    assert is_senior(title, version=1) is in_article
    assert is_senior(title, DIRECTOR | OFFICER, version=1) is in_article
    assert (role_of(title, version=1) is not None) is in_article


@pytest.mark.parametrize("version", [1, 2, 3])
def test_rules_are_reachable(version):
    rules = rules_in_use(RULES, version)
    assert len({rule.precedence for rule in rules}) == len(rules)
    for rule in rules:
        if rule.match_kind == "contains":
            assert rule.pattern == rule.pattern.lower(), rule.rule_id
        elif rule.match_kind == "flag":
            assert rule.pattern in ("director", "officer", "ten_percent_owner", "other")
        elif rule.match_kind in ("starts", "ends"):
            assert rule.pattern == normalize(rule.pattern), rule.rule_id
        else:
            assert [part.text for part in parts_of(rule.pattern, version)] == [rule.pattern], rule.rule_id
    assert {row["role"] for row in seed("role_map")} == set(SENIORITY)


def test_senior_roles_come_first():
    is_senior_by_rank = [
        row["is_senior"] for row in sorted(seed("roles"), key=lambda row: int(row["seniority"]))
    ]
    assert is_senior_by_rank == sorted(is_senior_by_rank, reverse=True)
    assert {(row["role"], row["is_senior"]) for row in seed("role_map")} == {
        (row["role"], row["is_senior"]) for row in seed("roles")
    }


def unmapped_shares(titles: Counter) -> tuple[float, float]:
    """Share of the rows and of the distinct titles that the map does not know."""
    unmapped = [title for title in titles if role_of(title) is None]
    return sum(titles[title] for title in unmapped) / titles.total(), len(unmapped) / len(titles)


@pytest.mark.skipif(not SEC_FILINGS.is_file(), reason="the real Form 4 filings are not beside the project")
def test_titles_of_real_filings_are_mapped():
    titles = Counter()
    with tarfile.open(SEC_FILINGS) as archive:
        for member in archive:
            if member.isfile():
                text = archive.extractfile(member).read().decode("utf-8", "replace")
                found = re.findall("<officerTitle>(.*?)</officerTitle>", text, re.DOTALL)
                titles.update(title for title in map(html.unescape, map(str.strip, found)) if title)
    assert len(titles) > 700
    assert unmapped_shares(titles) == (0, 0)
    only_other = sum(count for title, count in titles.items() if role_of(title) == "other")
    assert only_other / titles.total() < 0.05


@pytest.mark.skipif(
    not FI_EXPORTS.is_dir(), reason="the real Swedish notifications are not beside the project"
)
def test_titles_of_the_swedish_register_are_mapped():
    titles = Counter()
    for path in FI_EXPORTS.glob("*.csv"):
        text = path.read_bytes().decode("utf-16-le").removeprefix("\ufeff")
        titles.update(row["Befattning"] for row in csv.DictReader(io.StringIO(text), delimiter=";"))
    rows, distinct = unmapped_shares(titles)
    assert len(titles) > 90
    assert rows < 0.01
    assert distinct < 0.04


# Transaction types, statuses, currencies, weights


def transaction_type(source: str, raw_code: str) -> tuple[str, str]:
    (found,) = [
        row for row in seed("transaction_type_map") if (row["source"], row["raw_code"]) == (source, raw_code)
    ]
    return found["transaction_type"], found["direction"]


def test_every_code_of_the_ownership_forms_is_mapped():
    codes = {row["raw_code"] for row in seed("transaction_type_map") if row["source"] == "sec_edgar"}
    assert codes == set("acdefghijklmopsuvwxz")
    assert {
        transaction_type("sec_edgar", code) == transaction_type("filings_api", code) for code in codes
    } == {True}


@pytest.mark.parametrize(
    ("raw_codes", "expected"),
    [
        (
            ("buy", "purchase", "acquisition", "p", "p-purchase", "förvärv", "kauf"),
            ("open_market_purchase", "buy"),
        ),
        (
            ("sell", "sale", "disposal", "s", "s-sale", "avyttring", "cession", "verkauf"),
            ("open_market_sale", "sell"),
        ),
        (("a", "grant", "award", "tilldelning"), ("grant", "none")),
        (("m", "option exercise", "lösen ökning"), ("option_exercise", "none")),
        (("f", "tax withholding"), ("tax_withholding", "none")),
        (("gift", "gåva lämnad", "donation"), ("gift", "none")),
        (("interntransaktion - förvärv", "transfert", "reclassement"), ("internal_transfer", "none")),
        (("souscription", "teckning"), ("subscription", "none")),
        (("nantissement", "pantsättning"), ("pledge", "none")),
    ],
)
def test_words_for_transactions(raw_codes, expected):
    assert {transaction_type("filings_api", raw_code) for raw_code in raw_codes} == {expected}


def test_only_market_trades_have_a_direction():
    pairs = {(row["transaction_type"], row["direction"]) for row in seed("transaction_type_map")}
    assert {pair for pair in pairs if pair[1] != "none"} == {
        ("open_market_purchase", "buy"),
        ("open_market_sale", "sell"),
    }
    assert ("open_market_purchase", "none") not in pairs


@pytest.mark.parametrize(
    ("seed_name", "column"), [("transaction_type_map", "raw_code"), ("status_map", "raw_status")]
)
def test_raw_codes_are_compared_in_lower_case(seed_name, column):
    assert all(row[column] == row[column].lower().strip() for row in seed(seed_name))


@pytest.mark.skipif(
    not FI_EXPORTS.is_dir(), reason="the real Swedish notifications are not beside the project"
)
def test_codes_of_the_swedish_register_are_mapped():
    codes = {row["raw_code"] for row in seed("transaction_type_map") if row["source"] == "fi_insyn"}
    statuses = {row["raw_status"] for row in seed("status_map") if row["source"] == "fi_insyn"}
    for path in FI_EXPORTS.glob("*.csv"):
        text = path.read_bytes().decode("utf-16-le").removeprefix("\ufeff")
        for row in csv.DictReader(io.StringIO(text), delimiter=";"):
            assert row["Karaktär"].strip().lower() in codes
            assert row["Status"].strip().lower() in statuses


def test_cancelling_statuses():
    cancelling = {row["raw_status"] for row in seed("status_map") if row["is_cancelled"] == "true"}
    assert cancelling >= {"cancelled", "canceled", "withdrawn", "void", "voided", "annulled", "makulerad"}
    assert not cancelling & {"current", "active", "amended", "revised", "reviderad", "aktuell"}


def test_minor_units_are_no_currencies():
    codes = {row["raw_currency"] for row in seed("currency_units")}
    assert codes >= {"GBX", "GBp", "ZAc", "ZAC", "ILA"}
    assert not codes & {"GBP", "ZAR", "ILS", "USD", "EUR"}


def test_a_price_or_a_value_has_a_bound_in_the_currency_of_every_market():
    bounds = {row["currency"]: row for row in seed("price_bounds")}
    assert set(names_of("markets", "default_currency")) - {""} <= bounds.keys()
    assert {"XXX", "TRY", "HUF", "ISK"} <= bounds.keys()
    assert int(bounds["USD"]["highest_price"]) < 61_250 < int(bounds["KRW"]["highest_price"])
    for row in bounds.values():
        assert int(row["highest_price"]) >= 20_000
        assert int(row["highest_value"]) >= 100_000_000_000


def test_weights_of_version_1_are_those_of_the_article():
    weights = {row["term"]: float(row["weight"]) for row in seed("score_weights") if row["version"] == "1"}
    assert weights == {
        "log_buy_value": 1.0,
        "distinct_buyers": 0.75,
        "senior_buyer": 1.0,
        "days_since_last_buy": -0.05,
    }


# Securities and placements


def class_of(raw_type: str, version: str = "2") -> str | None:
    rules = [row for row in seed("security_type_map") if row["version"] == version]
    return security_class(raw_type, sorted(rules, key=lambda row: int(row["precedence"])))


@pytest.mark.parametrize(
    ("raw_type", "expected"),
    [
        ("Common Stock", "common"),
        ("common stock, par value $0.01 per share", "common"),
        ("Class A Ordinary Shares", "common"),
        ("Common Shares of Beneficial Interest", "common"),
        ("American Depositary Shares", "common"),
        ("ADS", "common"),
        ("Depåbevis", "common"),
        ("Aktie", "common"),
        ("Actions ordinaires", "common"),
        ("Restricted Stock", "common"),
        ("Common Stock and associated rights", "common"),
        ("Common Stock of Preferred Bank", "common"),
        ("Preferred Bank Common Stock", "common"),
        ("Common Stock (Preferred Bank)", "common"),
        ("Common Stock of First Warrant Works", "common"),
        ("Unit Corporation Common Stock", "common"),
        ("Common Stock of Example Fund, Inc.", "fund"),
        ("Option to buy Common Stock of Example Works", "derivative"),
        ("Shares of Series A Preferred Stock", "preferred"),
        ("6.25% Series B Cumulative Redeemable Perpetual Shares", "preferred"),
        ("5.875% Series A Shares", "preferred"),
        ("Depositary Shares - 8.375% B Cumulative Stock", "preferred"),
        ("Redeemable Class A Ordinary Shares", "common"),
        ("6.25% Perpetual Subordinated Notes", "note"),
        ("Preferred Stock convertible into Common Stock", "preferred"),
        ("Depositary Shares of Series A Preferred Stock", "preferred"),
        ("Depositary Shares", "preferred"),
        ("Preferensaktie", "preferred"),
        ("Vorzugsaktie", "preferred"),
        ("6.6875% Notes due 2028", "note"),
        ("Convertible Debentures", "note"),
        ("Common Units", "unit"),
        ("LLC Units of Example Holdings, LLC", "unit"),
        ("Operating Partnership Units", "unit"),
        ("Example Fund Shares", "fund"),
        ("Restricted Stock Units", "derivative"),
        ("Common Stock (Deferred Stock Units)", "derivative"),
        ("Class C Stock Units", "derivative"),
        ("Phantom Stock", "derivative"),
        ("Common Stock Warrant", "derivative"),
        ("Employee Stock Option (Right to Buy)", "derivative"),
        ("Total Return Swap", "derivative"),
        ("Teckningsoption", "derivative"),
        ("Teckningsrätter", "derivative"),
        ("Example AB", None),
    ],
)
def test_class_of_a_security(raw_type, expected):
    assert class_of(raw_type) == expected


def test_the_first_version_of_security_types_knows_no_fixed_dividends():
    assert class_of("6.25% Series B Cumulative Redeemable Perpetual Shares", version="1") == "common"


def test_security_patterns_are_normalized():
    for row in seed("security_type_map"):
        if row["match_kind"] == "pattern":
            re.compile(row["pattern"])
        else:
            assert normalize(row["pattern"]) == row["pattern"]


def samples(name: str) -> list[tuple[str, str]]:
    """Made-up texts, each with the reason that keeps its purchase out of the signal, if there is one."""
    path = PROJECT / "tests" / "python" / "fixtures" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["reason"]) for row in csv.DictReader(file)]


def reason_of(said: note_reading.Reading | None) -> str:
    """The reason that keeps a purchase out of the signal, empty where none does."""
    return "" if said is None or said.reason in note_reading.ON_MARKET else said.reason


@pytest.mark.parametrize(("note", "reason"), samples("note_samples"))
def test_placement_phrases(note, reason):
    assert reason_of(note_reading.reading(note, note_reading.read_rules(SEEDS))) == reason


@pytest.mark.parametrize(("note", "issuer", "expected"), NAMED_ISSUERS)
def test_the_issuer_is_known_by_its_name(note, issuer, expected):
    assert note is None or note_reading.with_issuer_named(note, issuer) == expected


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("Purchased from Example Works, Inc.", "placement"),
        ("Example Works sold these shares to the fund at $2.00 a share.", "placement"),
        ("Purchased from Example Works Management LLC.", ""),
        ("Purchased from the former chair of Example Works, Inc.", ""),
        ("Shares of Example Works, Inc. purchased by the trust.", ""),
    ],
)
def test_what_comes_from_the_issuer_by_its_name_is_a_placement(note, reason):
    named = note_reading.with_issuer_named(note, "EXAMPLE WORKS INC /DE/")
    assert reason_of(note_reading.reading(named, note_reading.read_rules(SEEDS))) == reason


@pytest.mark.parametrize(("text", "reason"), samples("background_samples"))
def test_what_tells_of_other_trades_counts_where_it_names_the_trade(text, reason):
    """Of a purchase of 13,045 shares on May 9, 2023."""
    named = note_reading.with_trade_named(text, date(2023, 5, 9), Decimal(13045))
    assert reason_of(note_reading.reading(named, note_reading.read_rules(SEEDS), True)) == reason


def test_placement_phrases_of_the_first_version_are_kept():
    rules = note_reading.read_rules(SEEDS, version=1)
    assert (
        note_reading.reading("The shares were purchased in a private placement.", rules).reason == "placement"
    )
    assert note_reading.reading("Mr. Doe purchased in a private placement.", rules) is None


def test_placement_patterns_need_no_look_around_and_no_escapes():
    for row in seed("placement_phrases"):
        for pattern in (row["pattern"], row["context"], row["unless"]):
            assert "(?" not in pattern
            assert "\\" not in pattern
            assert pattern == pattern.lower()


def test_holidays_reach_as_far_as_the_sessions():
    last = max(date.fromisoformat(row["holiday_date"]) for row in seed("business_holidays"))
    assert last > date(2035, 12, 31) - timedelta(days=7)
