"""What the source lists get wrong about machines, one decision per line; read by `compile_machines`."""

from __future__ import annotations

#: (name in the list, hashrate [TH/s]) -> name in the catalogue. Bins of one model carry their hashrate.
RENAMES: dict[tuple[str, float], str] = {
    ("Antminer S9 (launch)", 13.5): "Antminer S9",
    ("Antminer S9", 13.0): "Antminer S9 (13T)",
    # 14 TH/s at 85 J/TH in 2019-09 is the S9k, whose efficiency CBECI gives as that of the S9i.
    ("Antminer S9", 14.0): "Antminer S9k",
    ("Hummer Miner H7 Pro (48T)", 53.0): "Hummer Miner H7 Pro (53T)",
    ("INNOSILICON T3", 43.0): "Innosilicon T3 (43T)",
    ("INNOSILICON T3 (39T)", 39.0): "Innosilicon T3 (39T)",
    ("INNOSILICON T3 (50T)", 50.0): "Innosilicon T3 (50T)",
    ("INNOSILICON T3+ Miner", 57.0): "Innosilicon T3+ (57T)",
    ("INNOSILICON T3+ Miner (67T)", 67.0): "Innosilicon T3+ (67T)",
    ("INNOSILICON T2T+", 32.0): "Innosilicon T2 Turbo+ (32T)",
    ("INNOSILICON T2T (30T)", 30.0): "Innosilicon T2 Turbo (30T)",
    ("INNOSILICON T2T-25T", 25.0): "Innosilicon T2 Turbo (25T)",
    ("INNOSILICON T2 Turbo (T2T)", 24.0): "Innosilicon T2 Turbo",
    ("INNOSILICON T2 Miner", 17.2): "Innosilicon T2 Terminator",
    ("DragonMint T1 Miner", 16.0): "DragonMint T1",
    ("Bitfury Tardis B8", 80.0): "Bitfury Tardis",
    ("Whatsminer M3v2", 12.5): "Whatsminer M3X",
    ("SnowPanther A1", 49.0): "Snow Panther A1",
    ("SnowPanther B1+", 24.5): "Snow Panther B1+",
    ("Antminer S17+", 73.0): "Antminer S17+ (73T)",
    ("Antminer T17+", 64.0): "Antminer T17+ (64T)",
    ("Whatsminer M20S (65T)", 65.0): "Whatsminer M20S (65T)",
    ("Antminer S19 XP Hyd (255)", 255.0): "Antminer S19 XP Hyd (255T)",
}

#: Rows that repeat another row, or are a power mode of another machine (those are in modes.csv).
DROPPED: set[tuple[str, float]] = {
    ("Antminer S9 (13.5T)", 13.5),
    ("Whatsminer M20S (62T)", 62.0),
    ("Whatsminer M10S (Underclocked )", 44.0),
    ("Whatsminer M10 (Underclocked )", 25.0),
}

#: Catalogue name -> wall power [W] where the list prints board power or a figure the others contradict.
POWERS: dict[str, tuple[float, str]] = {
    "Antminer S7": (1293.0, "cbeci: 273.36 J/TH at the wall"),
    "Snow Panther A1": (5400.0, "cbeci: 110.2 J/TH"),
}

MAKERS = {
    "Whatsminer": "MicroBT",
    "INNOSILICON": "Innosilicon",
    "SnowPanther": "Bitfily",
    "DragonMint": "Halong Mining",
    "open source (Bitaxe)": "Bitaxe (open source)",
    "open source (shufps)": "shufps (open source)",
    "Jingle Miner": "Jingle Miner",
}

COOLING = {"Antminer S9 Hydro": "hydro", "Holic H22": "air"}

#: Release months that a source in the data supports against the list's rough year.
SOURCED_DATES: dict[str, tuple[str, str]] = {
    "Antminer S19 XP": ("2022-07", "first offers 2022-06-24 in nhamilton1 quotes"),
    "Whatsminer M50": ("2022-07", "first offers 2022-06-22 in nhamilton1 quotes"),
    "Avalon Nano 3": ("2024-02", "supplier catalogue 2026"),
    "Avalon Nano 3S": ("2025-01", "supplier catalogue 2026"),
    "Avalon Mini 3": ("2025-01", "supplier catalogue 2026"),
}

#: Sound pressure [dB] as the source prints it: Canaan's home machines and Bitmain's S21+.
NOISES: dict[str, tuple[float, str]] = {
    "Avalon Nano 3": (35, "supplier catalogue 2026"),
    "Avalon Nano 3S": (40, "supplier catalogue 2026"),
    "Avalon Mini 3": (55, "supplier catalogue 2026"),
    "Avalon Q": (65, "Exergy docs"),
    "Antminer S21+": (76, "btcminermarketplace"),
    "Antminer S21+ Hyd": (50, "top-crypto-mining-asics"),
    "Antminer S21e Hyd": (50, "supplier catalogue 2026"),
}

#: Release months generally reported, but not by a source in the data: confidence `assumed`.
ASSUMED_DATES: dict[str, str] = {
    "Antminer S19j Pro": "2021-06",
    "Antminer S19a": "2021-09",
    "Antminer S19 Pro+ Hyd": "2022-05",
    "Antminer S19 XP Hyd": "2022-10",
    "Antminer S19 XP Hyd (255T)": "2022-10",
    "Antminer S19j Pro+": "2022-12",
    "Antminer S19k Pro": "2023-06",
    "Antminer S21": "2024-01",
    "Antminer S21 Hyd": "2024-02",
    "Antminer S21 Immersion": "2024-05",
    "Antminer S21 Pro": "2024-07",
    "Antminer S21 XP": "2024-10",
    "Antminer S21 XP Hyd": "2024-10",
    "Antminer S21+": "2025-02",
    "Antminer S21+ Hyd": "2025-01",
    "Antminer S21e XP Hyd 3U": "2025-01",
    "Antminer S21e Hyd": "2024-10",
    "Whatsminer M30S+": "2020-10",
    "Whatsminer M30S++": "2020-10",
    "Whatsminer M31S+": "2020-09",
    "Whatsminer M50S": "2022-10",
    "Whatsminer M60S": "2023-12",
    "Whatsminer M66S": "2023-12",
    "Avalon 1166 Pro": "2020-08",
    "Avalon 1246": "2021-01",
}

#: CBECI name -> catalogue name, where the two lists name one machine differently.
CBECI_NAMES: dict[str, str] = {
    "Bitmain Antminer S9 (13.5Th)": "",
    "Bitmain Antminer S17 (53Th)": "Antminer S17",
    "Bitmain Antminer S17 Pro (53Th)": "Antminer S17 Pro",
    "Bitmain Antminer S17 Pro (50Th)": "Antminer S17 Pro (50T)",
    "Bitmain Antminer S17+": "Antminer S17+ (73T)",
    "Bitmain Antminer T17+": "Antminer T17+ (64T)",
    "Bitmain Antminer T17 (40Th)": "Antminer T17",
    "Bitmain Antminer T9+ (10.5Th)": "Antminer T9+",
    "Bitmain Antminer V9 (4Th)": "Antminer V9",
    "Bitmain Antminer S9j (14.5Th)": "Antminer S9j",
    "Bitmain Antminer S9 Hydro (18Th)": "Antminer S9 Hydro",
    "Bitmain Antminer S11 (20.5Th)": "Antminer S11",
    "Bitmain Antminer S19 (95Th)": "Antminer S19",
    "Bitmain Antminer S19 Pro (110Th)": "Antminer S19 Pro",
    "Canaan AvalonMiner 741": "Avalon A741",
    "Canaan AvalonMiner 821": "Avalon A821",
    "Canaan AvalonMiner 841": "Avalon A841",
    "Canaan AvalonMiner 921": "Avalon A921",
    "Canaan AvalonMiner 1047": "Avalon 1047",
    "Canaan AvalonMiner 1066": "Avalon 1066",
    "Ebang Ebit E11++": "Ebit E11++",
    "Halong Mining DragonMint T1": "DragonMint T1",
    "Bitfily Snow Panther A1": "Snow Panther A1",
    "Bitfily Snow Panther B1+": "Snow Panther B1+",
    "GMO miner B3": "GMO B3",
    "GMO miner B2": "GMO B2",
    "Innosilicon T2 Turbo+ 32T": "Innosilicon T2 Turbo+ (32T)",
    "Innosilicon T3 43T": "Innosilicon T3 (43T)",
    "Innosilicon T3 39T": "Innosilicon T3 (39T)",
    "Innosilicon T3+ 52T": "Innosilicon T3+ (52T)",
    "Innosilicon T3": "Innosilicon T3 (50T)",
    "Innosilicon T3+": "Innosilicon T3+ (57T)",
    "StrongU STU-U8": "StrongU STU-U8",
    "ASICminer 8 Nano 44Th": "ASICminer 8 Nano (44T)",
    "ASICminer 8 Nano S 58Th": "ASICminer 8 Nano S (58T)",
    "Aladdin Miner 16Th/s Bitcoin": "Aladdin Miner (16T)",
}

#: Hashrates [TH/s] of machines that CBECI lists by efficiency alone, from the broker quotes of 2022.
QUOTED_HASHRATES = {"Whatsminer M30S": 88.0, "Whatsminer M31S": 76.0}

#: Announced for 2018 at an efficiency that others reached two years later; no trace of delivery in the data.
DOUBTFUL = {"ASICminer 8 Nano Pro", "ASICminer 8 Nano (44T)", "ASICminer 8 Nano S (58T)"}

#: Stylised rows of CBECI that stand for the fleet before the first catalogued ASICs.
STYLISED = {"Worst CPU", "Best CPU", "Worst GPU", "Best GPU", "FPGA", "early ASICS"}
