"""The report of a plan: one page that says what to do, and the pages behind it.

The names are loaded when they are used, so that the command line stays quick.
"""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.report.disclosure import disclosures
    from scenara.finance.advisor.report.document import advice_metrics, advice_report
    from scenara.finance.advisor.report.job import AdviceJob

__all__ = ["AdviceJob", "advice_metrics", "advice_report", "disclosures"]

_HOMES = {
    "disclosure": ["disclosures"],
    "document": ["advice_metrics", "advice_report"],
    "job": ["AdviceJob"],
}

__getattr__ = lazy_names(__name__, _HOMES)
