"""The commands by name; each is light to import and loads what it needs when it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from .cascade_command import cascade
from .claims_command import claims
from .flows_command import flows
from .gauge_command import gauge
from .hashprice_command import hashprice
from .machines_command import machines
from .network_command import network
from .relief_command import relief
from .report_command import report
from .sentiment_command import sentiment
from .store_commands import doctor, import_files

__all__ = ["COMMANDS", "Shell"]

Shell = Literal["bash", "zsh", "fish"]

COMMANDS: dict[str, Callable[..., Any]] = {
    "gauge": gauge,
    "network": network,
    "machines": machines,
    "hashprice": hashprice,
    "cascade": cascade,
    "relief": relief,
    "flows": flows,
    "sentiment": sentiment,
    "claims": claims,
    "report": report,
    "import": import_files,
    "doctor": doctor,
}
