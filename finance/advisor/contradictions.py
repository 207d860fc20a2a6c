"""What in a client's data contradicts what else: reasons to give no advice."""

from collections.abc import Sequence
from datetime import date, timedelta

from scenara.finance.advisor.cells import nearest
from scenara.finance.advisor.client import Goal
from scenara.finance.advisor.client_file import AdviceRefusedError, Client
from scenara.finance.advisor.goals import dated_goals, saving_months
from scenara.finance.advisor.planning.drifts import conflicting_views
from scenara.finance.advisor.questionnaire import answer_problems

__all__ = ["check_client", "find_contradictions"]

_MONTHS = 12
_LONGEST_MONTHS = 70 * _MONTHS
_SEVERAL = 2


def check_client(client: Client, asset_classes: Sequence[str], *, where: str = "client") -> None:
    """Refuse advice where data are missing or contradict each other.

    Args:
        client: What was told.
        asset_classes: Those of the market history.
        where: Name of the client's file, for the message.

    Raises:
        AdviceRefusedError: With every reason.
    """
    problems = find_contradictions(client, asset_classes)
    if problems:
        raise AdviceRefusedError(where, problems)


def find_contradictions(
    client: Client, asset_classes: Sequence[str], *, today: date | None = None
) -> list[str]:
    """List what speaks against advice.

    Args:
        client: What was told.
        asset_classes: Those of the market history, which instruments and views name.
        today: After which no plan can be made; None for the day of the call.

    Returns:
        One sentence for each problem: where, what was expected, what was found.
    """
    return [
        *_of_day(client, today or date.today()),
        *_of_deficit(client),
        *_of_saving(client),
        *_of_cash_flows(client),
        *_of_goals(client),
        *_of_holdings(client, asset_classes),
        *_of_views(client, asset_classes),
        *answer_problems(client.questionnaire),
    ]


def _of_day(client: Client, today: date) -> list[str]:
    """Allow a day more than today, which has begun elsewhere."""
    day = client.person.day
    if day > today + timedelta(days=1):
        return [f"[client]: as_of {day} is after today, {today}"]
    return []


def _is_retired(client: Client) -> bool:
    retires = client.person.retirement_age
    return retires is not None and retires <= client.person.age


def _of_deficit(client: Client) -> list[str]:
    """Refuse a household that eats its wealth up without saying so."""
    deficit = -client.household.surplus
    if deficit <= 1e-6:
        return []
    told = f"[household]: expenses and debts exceed the income by {deficit:,.0f} a year"
    if not _is_retired(client):
        return [f"{told}; spend less before investing (retired: give retirement_age)"]
    paid = sum(goal.amount for goal in client.goals if _pays_for_living(client, goal))
    if paid >= deficit - 1e-6:
        return []
    return [
        (
            f"{told}, and the yearly goals that begin within a year pay {paid:,.0f} of it; add a "
            "goal that pays for living"
        )
    ]


def _pays_for_living(client: Client, goal: Goal) -> bool:
    years = min(goal.years, _SEVERAL)
    left = client.person.life_horizon - client.person.age
    return goal.first_month(client.person) <= _MONTHS and years >= min(_SEVERAL, left)


def _of_saving(client: Client) -> list[str]:
    """Compare saving with what is left over, which grows with inflation, year by year."""
    monthly, growth = client.saving.per_month, client.saving.growth_per_year
    surplus = client.household.surplus / _MONTHS
    if monthly == 0 or surplus < 0:
        return []
    if monthly > surplus + 1e-6:
        return [
            (
                f"[saving]: per_month is {monthly:,.0f}, but income less expenses and debts leaves "
                f"{surplus:,.0f} a month"
            )
        ]
    inflation = client.assumptions.inflation_per_year
    for year in range(_years_of_saving(client)):
        saved, left = monthly * (1 + growth) ** year, surplus * (1 + inflation) ** year
        if saved > left + 1e-6:
            return [
                (
                    f"[saving]: growth_per_year {growth:g} makes it {saved:,.0f} a month in {year} "
                    "years, but what is left over, taken to grow with inflation, is "
                    f"{left:,.0f} then; let it grow less"
                )
            ]
    return []


def _years_of_saving(client: Client) -> int:
    if not client.goals:
        return 0
    months = saving_months(dated_goals(client.goals, client.person), client.person)
    return -(-min(months, _LONGEST_MONTHS) // _MONTHS)


def _of_cash_flows(client: Client) -> list[str]:
    household, monthly = client.household, client.saving.per_month
    problems = []
    if household.emergency_cash == 0:
        problems.append(
            "[household]: emergency_cash is 0; lay some months of expenses aside before investing, "
            "or enter what is there"
        )
    if client.wealth <= 0 and monthly == 0:
        problems.append("there are no holdings and no saving: nothing to invest")
    for debt in household.debts:
        if debt.amount > 0 and debt.payment_per_year < debt.amount * debt.rate_per_year:
            problems.append(
                f"[household] debt {debt.name!r}: payments of {debt.payment_per_year:,.0f} a year "
                f"don't cover the interest of {debt.amount * debt.rate_per_year:,.0f}"
            )
    return problems


def _of_goals(client: Client) -> list[str]:
    person = client.person
    problems = [] if client.goals else ["[[goals]]: expected at least one goal, found none"]
    if person.life_horizon <= person.age:
        problems.append(
            f"[client]: life_horizon {person.life_horizon:g} is not above the age {person.age:g}"
        )
    retires = person.life_horizon if person.retirement_age is None else person.retirement_age
    if retires <= person.age and client.saving.per_month > 0:
        problems.append(f"[client]: retirement_age {retires:g} is past, but [saving] goes on")
    names = [goal.name for goal in client.goals]
    problems += [f"[[goals]]: {n!r} stands there twice" for n in set(names) if names.count(n) > 1]
    for goal in client.goals:
        first = goal.first_month(person)
        last = first + 12 * (goal.years - 1)
        if first < 1:
            problems.append(f"goal {goal.name!r}: is due before or on the day of the plan")
        if last > _LONGEST_MONTHS:
            problems.append(f"goal {goal.name!r}: ends in {last / 12:.0f} years; at most 70")
        elif person.age + last / 12 > person.life_horizon + 1e-9:
            problems.append(
                f"goal {goal.name!r}: its last payment is at age {person.age + last / 12:.0f}, "
                f"after the life_horizon {person.life_horizon:g}"
            )
    return problems


def _of_holdings(client: Client, asset_classes: Sequence[str]) -> list[str]:
    problems = [
        f"instrument {item.symbol!r}: the history has no asset class {item.asset_class!r}; "
        f"{nearest(item.asset_class, asset_classes)}"
        for item in client.instruments.values()
        if item.asset_class not in asset_classes
    ]
    unwanted = set(client.constraints.exclude)
    if client.instruments and all(unwanted & i.tags for i in client.instruments.values()):
        problems.append("[constraints]: exclude leaves no instrument; exclude less")
    tags = set().union(*(item.tags for item in client.instruments.values()))
    problems += [
        f"[constraints]: no instrument has the tag {tag!r} that exclude names"
        + (f"; {nearest(tag, sorted(tags))}" if tags else "")
        for tag in client.constraints.exclude
        if tag not in tags
    ]
    least = client.constraints.minimum_cash
    if least > client.wealth:
        problems.append(
            f"[constraints]: minimum_cash {least:,.0f} is above the holdings {client.wealth:,.0f}"
        )
    return problems


def _of_views(client: Client, asset_classes: Sequence[str]) -> list[str]:
    problems = []
    for number, view in enumerate(client.views, 1):
        for name in (view.asset, view.over):
            if name is not None and name not in asset_classes:
                problems.append(
                    f"[[views]] {number}: the history has no asset class {name!r}; "
                    f"{nearest(name, asset_classes)}"
                )
        if view.asset == view.over:
            problems.append(f"[[views]] {number}: compares {view.asset!r} with itself")
    pairs = [(view.asset, view.over) for view in client.views]
    problems += [
        f"[[views]]: two views on {pair[0]!r}; keep one"
        for pair in set(pairs)
        if pairs.count(pair) > 1
    ]
    conflict = () if problems else conflicting_views(client.views)
    if conflict:
        problems.append(
            f"[[views]]: {'; '.join(conflict)} can't all be certain; lower a confidence or drop one"
        )
    return sorted(problems)
