"""What is kept: runs with their questions, samples and scores, and the log of every response."""

from assay.store.quarantine import Quarantined
from assay.store.responses import LogStats, ResponseLog
from assay.store.scores import ScoreColumns
from assay.store.store import Store

__all__ = ["LogStats", "Quarantined", "ResponseLog", "ScoreColumns", "Store"]
