"""Markets, words and proportions of the synthetic archive; all names in it are composed from word lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Market:
    """How filings look in one market.

    `weight` is the market's share of all filings (relative), `unit` the price of one euro in the currency
    stated, `prices` the range of share prices in euro, `lags` the weights of 0, 1, 2 ... business days from
    trade to filing, `delays` those from filing to publication, `hours` the local hours of publication,
    `stamp` the manner in which the feed states that time (see `filing.stamp`), `kinds` the weights of the
    kinds of transaction.
    """

    country: str
    weight: float
    zone: str
    currency: str | None
    unit: float
    prices: tuple[float, float]
    lags: tuple[int, ...]
    delays: tuple[int, ...]
    hours: tuple[int, int]
    stamp: str
    kinds: dict[str, float]
    suffixes: tuple[str, ...]
    roles: tuple[tuple[str, str], ...]
    ticker_suffix: str = ""


# Relationship of the person to the issuer beside the title: a letter each for director, officer, ten percent
# owner, other; `-` for persons closely associated and the like, of whom none is said.
US_ROLES = (
    ("Chief Executive Officer", "o"),
    ("Chief Financial Officer", "o"),
    ("Director", "d"),
    ("Director", "d"),
    ("Director", "d"),
    ("President and CEO", "do"),
    ("EVP, General Counsel & Secretary", "o"),
    ("Chief Operating Officer", "o"),
    ("Vice President", "o"),
    ("SVP, Chief Accounting Officer", "o"),
    ("Chairman of the Board", "d"),
    ("10% Owner", "t"),
    ("Executive Chair", "do"),
    ("Chief Technology Officer", "o"),
    ("Director, 10% Owner", "dt"),
    ("Sr. Vice President, Sales", "o"),
    ("Interim CFO", "o"),
    ("Other", "x"),
)
SE_ROLES = (
    ("Styrelseledamot/suppleant", "d"),
    ("Styrelseledamot/suppleant", "d"),
    ("Verkställande direktör (VD)", "o"),
    ("Styrelseordförande", "d"),
    ("Ekonomichef/finanschef/finansdirektör", "o"),
    ("Annan medlem i bolagets administrations-, lednings- eller kontrollorgan", "o"),
    ("Vice VD", "o"),
    ("Arbetstagarrepresentant i styrelsen eller arbetstagarsuppleant", "d"),
)
FR_ROLES = (
    ("Président Directeur Général", "do"),
    ("Directeur Général", "o"),
    ("Administrateur", "d"),
    ("Administratrice", "d"),
    ("Directeur financier (DAF)", "o"),
    ("Membre du Conseil de surveillance", "d"),
    ("Membre du Directoire", "o"),
    ("Personne liée à un administrateur", "-"),
)
DE_ROLES = (
    ("Vorstand", "o"),
    ("Vorstandsvorsitzender", "o"),
    ("Aufsichtsrat", "d"),
    ("Mitglied des Aufsichtsrats", "d"),
    ("In enger Beziehung zu Vorstand", "-"),
    ("Finanzvorstand (CFO)", "o"),
)
GB_ROLES = (
    ("Non-Executive Director", "d"),
    ("Chief Executive", "do"),
    ("Group Finance Director", "do"),
    ("Chair", "d"),
    ("PDMR", "o"),
    ("Company Secretary", "o"),
    ("Managing Director", "do"),
    ("PCA of Non-Executive Director", "-"),
)
CH_ROLES = (
    ("Executive member of the board of directors / member of senior management", "do"),
    ("Non-executive member of the board of directors", "d"),
)
CA_ROLES = (
    ("Director of Issuer", "d"),
    ("Senior Officer of Issuer", "o"),
    ("President & CEO", "do"),
    ("10% Security Holder", "t"),
)
JP_ROLES = (
    ("Representative Director, President", "do"),
    ("Outside Director", "d"),
    ("Executive Officer", "o"),
)
OTHER_ROLES = (("Board Member", "d"), ("General Manager", "o"), ("CEO", "o"), ("Deputy Chairman", "d"))

# Titles that a simple search for words takes for what they are not, by market; the rest as in the US.
TRICKY_ROLES = {
    "US": (
        "Vice President", "Former CEO", "Sales Director", "Managing Director", "Director & CEO of Sub",
        "See Remarks", "Senior Managing Director", "Chair of Audit Committee", "Former Director",
        "Assistant to the Chief Executive", "Director of Communications",
        "Executive Assistant, Office of the Chair",
    ),
    "SE": ("Vice VD", "Tidigare VD", "Sales Director", "Vice ordförande", "VD-assistent"),
    "FR": ("Ancien Président", "Directeur des ventes", "Directeur Général Délégué", "Secrétaire du Conseil"),
    "DE": ("Ehemaliger Vorstand", "Vorstandsassistent", "Sales Director", "Managing Director"),
}  # fmt: skip
SEVERAL_ROLES = {
    "US": (
        "Director, President and CEO", "Chief Financial Officer; Treasurer & Secretary",
        "Director and 10% Owner", "Chair of the Board | Non-Executive Director",
        "EVP/Chief Legal Officer + Corporate Secretary",
    ),
    "SE": ("Styrelseledamot/suppleant, Verkställande direktör (VD)", "CFO och Vice VD"),
    "FR": ("Administrateur et Directeur Général",),
    "DE": ("Vorstand und Aufsichtsrat der Tochtergesellschaft",),
}  # fmt: skip
UNKNOWN_ROLES = ("Grade 7", "Beauftragter", "n.n.", "Toimitusjohtaja", "Partner", "Insider")
ARTICLE_ROLES = (
    ("Chief Executive Officer", "o"),
    ("CFO", "o"),
    ("Director", "d"),
    ("Chair of the Board", "d"),
    ("Non-Executive Director", "d"),
    ("General Counsel", "o"),
    ("Vice President", "o"),
    ("Head of Sales", "o"),
)

US_KINDS = {
    "purchase": 11,
    "sale": 30,
    "grant": 23,
    "tax_withholding": 15,
    "option_exercise": 12,
    "gift": 3,
    "disposition_to_issuer": 1,
    "other": 1,
    "conversion": 1,
    "inheritance": 0.3,
}
MAR_KINDS = {
    "purchase": 45,
    "sale": 25,
    "grant": 10,
    "subscription": 6,
    "gift": 3,
    "loan": 1,
    "internal_transfer": 2,
    "option_exercise": 4,
    "conversion": 1,
    "inheritance": 0.5,
    "other": 1,
}
ARTICLE_KINDS = {"purchase": 50, "sale": 30, "grant": 12, "option_exercise": 8}

MARKETS = (
    Market("US", 48, "America/New_York", "USD", 1.1, (3, 400), (12, 30, 50, 5, 3), (1,), (6, 22),
           "accepted", US_KINDS, ("Inc.", "Corp.", "Holdings, Inc."), US_ROLES),
    Market("SE", 13, "Europe/Stockholm", "SEK", 11.3, (1, 60), (25, 29, 18, 16, 6, 4, 2), (1,), (8, 20),
           "local", MAR_KINDS, ("AB", "AB (publ)"), SE_ROLES, " B"),
    Market("FR", 9, "Europe/Paris", "EUR", 1.0, (4, 300), (15, 30, 25, 22, 5, 3), (4, 4, 2), (8, 19),
           "local", MAR_KINDS, ("SA", "SE"), FR_ROLES),
    Market("DE", 8, "Europe/Berlin", "EUR", 1.0, (3, 250), (20, 30, 22, 20, 5, 3), (5, 3, 2), (8, 19),
           "date", MAR_KINDS, ("AG", "SE", "SE & Co. KGaA"), DE_ROLES),
    Market("GB", 9, "Europe/London", "GBX", 85.0, (0.4, 40), (30, 35, 20, 10, 3, 2), (6, 3, 1), (7, 18),
           "naive", MAR_KINDS, ("plc", "PLC"), GB_ROLES, ".L"),
    Market("CH", 4, "Europe/Zurich", "CHF", 0.94, (20, 900), (20, 40, 30, 7, 3), (5, 3, 2), (8, 19),
           "date", MAR_KINDS, ("AG", "Holding AG"), CH_ROLES),
    Market("CA", 5, "America/Toronto", "CAD", 1.55, (0.5, 90), (10, 20, 20, 20, 15, 10, 5), (1,), (7, 21),
           "created", MAR_KINDS, ("Inc.", "Resources Ltd."), CA_ROLES, ".TO"),
    Market("JP", 3, "Asia/Tokyo", "JPY", 165.0, (5, 60), (5, 10, 15, 20, 20, 15, 10, 5), (1,), (9, 18),
           "local", MAR_KINDS, ("K.K.", "Co., Ltd."), JP_ROLES, ".T"),
    Market("ZZ", 1, "Etc/GMT+3", None, 6.2, (1, 40), (20, 20, 20, 20, 20), (1,), (9, 18),
           "none", MAR_KINDS, ("S.A.", "Group"), OTHER_ROLES),
)  # fmt: skip
ARTICLE_MARKETS = tuple(
    Market(country, 1, "Etc/UTC", "EUR", 1.0, (4, 250), (20, 30, 25, 20, 5), (1,), (8, 15),
           "utc", ARTICLE_KINDS, ("SA", "AG", "SE"), ARTICLE_ROLES)
    for country in ("FR", "DE")
)  # fmt: skip

# The feed's own words for each kind of transaction.
TYPES = {
    "purchase": ("buy", "buy", "buy", "purchase", "acquisition"),
    "sale": ("sell", "sell", "sell", "sale", "disposal"),
    "grant": ("grant",),
    "option_exercise": ("option_exercise",),
    "tax_withholding": ("tax_withholding",),
    "gift": ("gift",),
    "inheritance": ("inheritance",),
    "conversion": ("conversion",),
    "subscription": ("subscription",),
    "loan": ("loan",),
    "internal_transfer": ("internal_transfer",),
    "disposition_to_issuer": ("disposition_to_issuer",),
    "other": ("other",),
}
DISPOSALS = ("sale", "tax_withholding", "disposition_to_issuer")
# What slips through from the regulators' own forms.
LOCAL_TYPES = {
    ("US", "purchase"): "P-Purchase",
    ("US", "sale"): "S-Sale",
    ("US", "grant"): "A-Award",
    ("US", "option_exercise"): "M-Exempt",
    ("US", "tax_withholding"): "F-InKind",
    ("US", "gift"): "G-Gift",
    ("SE", "purchase"): "Förvärv",
    ("SE", "sale"): "Avyttring",
    ("SE", "grant"): "Tilldelning",
    ("SE", "subscription"): "Teckning",
    ("FR", "purchase"): "Acquisition",
    ("FR", "sale"): "Cession",
    ("DE", "purchase"): "Kauf",
    ("DE", "sale"): "Verkauf",
}
UNKNOWN_TYPES = ("corporate action 7", "XX", "Bodelning", "reprise de la dotation", "??")

COMMON = {
    "US": ("Common Stock", "common stock", "Class A Common Stock"),
    "SE": ("Aktie", "aktie"),
    "FR": ("Action", "actions ordinaires"),
    "DE": ("Aktie", "Stammaktien"),
    "GB": ("Ordinary shares", "ordinary shares of 10p each"),
    "CH": ("Namenaktie", "registered share"),
}
OTHER_SECURITIES = (
    "Series B Preferred Stock",
    "5.25% Senior Notes due 2029",
    "Units (one share, one half warrant)",
    "Preference Shares",
    "Fund units",
    "Convertible Notes",
)
DERIVATIVES = (
    "Stock Option (right to buy)",
    "Restricted Stock Units",
    "Warrants",
    "Teckningsrätt",
    "Call option",
)

PLACEMENT_NOTES = (
    "Purchased in the issuer's underwritten public offering at the offering price.",
    "Shares acquired in a private placement by the issuer.",
    "Acquired through the reinvestment of dividends.",
    "Acquired under the issuer's employee stock purchase plan.",
    "Allocated to the reporting person in the directed share program.",
)
HARMLESS_NOTES = (
    "The price is a weighted average; full information on each price will be given on request.",
    "Held by the reporting person's spouse.",
    "Includes shares held in a retirement account.",
)
CANCELLED_WORDS = ("cancelled", "withdrawn", "void", "Makulerad", "Cancelled")

COMPANY_PREFIXES = (
    "Quillmere", "Ostravane", "Brindlecote", "Halvarsund", "Corvadale", "Tessmoor", "Lindgrove",
    "Aurelbeck", "Fennimark", "Gallowick", "Istermont", "Juniperra", "Kestrelby", "Lorrimond",
    "Marrowfield", "Nettlebourne", "Orchardine", "Pellwater", "Ravelstoke", "Sablehurst", "Thornaby",
    "Umberlake", "Velluria", "Wrenfold", "Yarrowgate", "Zephyrine", "Ashcombria", "Bellforge", "Cindermoss",
    "Dunwallow", "Emberlyne", "Foxhollin",
)  # fmt: skip
COMPANY_SECTORS = (
    "Optics", "Biologics", "Minerals", "Software", "Logistics", "Foods", "Semiconductor", "Energy",
    "Shipping", "Materials", "Robotics", "Diagnostics", "Textiles", "Payments", "Water", "Aerospace",
    "Media", "Timber",
)  # fmt: skip
GIVEN_NAMES = (
    "Alma", "Bastian", "Celine", "Dorian", "Edda", "Falk", "Greta", "Hollis", "Ines", "Joren", "Katla",
    "Leander", "Maren", "Nils", "Odile", "Piers", "Quentin", "Runa", "Soren", "Tilda", "Ulric", "Vesna",
    "Willa", "Xenia",
)  # fmt: skip
SURNAME_STARTS = (
    "Alder", "Birken", "Cobble", "Dapple", "Elder", "Flint", "Gorse", "Heather", "Iron", "Juniper", "Kelp",
    "Larch", "Moss", "Nettle", "Oaken", "Pebble", "Quarry", "Reed", "Sedge", "Thistle",
)  # fmt: skip
SURNAME_ENDS = (
    "wick", "holme", "gate", "mark", "thorpe", "water", "lund", "stead", "combe", "fell", "bridge", "croft",
    "hurst", "mere", "beck", "shaw",
)  # fmt: skip
