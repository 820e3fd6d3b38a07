"""Live forecasts from a foretick server."""

from .client import ForecastClient
from .errors import Refused
from .frames import to_pandas
from .position import PositionTracker

__version__ = "0.1.0"

__all__ = ["ForecastClient", "PositionTracker", "Refused", "to_pandas"]
