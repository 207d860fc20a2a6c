"""Execution of advice: orders, a paper broker on a ledger, reconciliation, performance."""

__all__: list[str] = []
