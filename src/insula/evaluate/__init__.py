"""Measuring recognition: benchmarks, metrics with intervals, baselines in the same run, and a report.

    evaluate(["emobank"], limit=200)[0].score

Texts come from `insula.data`; what a pipeline sees of them is only who said what.
"""

from .report import write_report
from .run import Outcome, Result, evaluate, outcomes, to_json
from .task import Benchmark, Slice, benchmark, benchmarks

__all__ = [
    "Benchmark",
    "Outcome",
    "Result",
    "Slice",
    "benchmark",
    "benchmarks",
    "evaluate",
    "outcomes",
    "to_json",
    "write_report",
]
