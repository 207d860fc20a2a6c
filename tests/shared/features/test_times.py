import datetime

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError
from scenara.shared.features import Coded, DateTimeEncoder, calendar_features
from scenara.shared.features.times import CALENDAR

RNG = np.random.default_rng(0)
START = pd.Timestamp("2019-01-01")


def moments(n_rows, step, *, unit="ns"):
    places = RNG.integers(0, pd.Timedelta("1000D") // pd.Timedelta(step), n_rows)
    times = START + pd.TimedeltaIndex(places * pd.Timedelta(step))
    return pd.Series(times.as_unit(unit), name="time")


def fitted(column):
    return DateTimeEncoder().fit(column)


def sampled(encoder, n_rows=2_000):
    return encoder.inverse(Coded(np.zeros(n_rows, int), RNG.standard_normal(n_rows)))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "America/Sao_Paulo", "+05:30"])
def test_times_come_back_in_their_unit_and_zone(unit, zone):
    column = moments(1_500, "7s", unit=unit)
    if zone:
        column = column.dt.tz_localize("UTC").dt.tz_convert(zone)
    encoder = DateTimeEncoder.from_state(fitted(column).state())
    pd.testing.assert_series_equal(encoder.inverse(encoder.transform(column)), column)


def test_many_nanoseconds_come_back():
    column = START.as_unit("ns") + pd.Series(
        pd.to_timedelta(RNG.integers(0, 2**56, 3_000), unit="ns")
    )
    encoder = fitted(column)
    assert (encoder.inverse(encoder.transform(column)) == column).all()


@pytest.mark.parametrize("step", ["1D", "1h", "1min", "1s", "1ms"])
def test_draws_have_the_resolution_of_the_times_seen(step):
    drawn = sampled(fitted(moments(300, step)))
    assert ((drawn - START) % pd.Timedelta(step) == pd.Timedelta(0)).all()


def test_draws_of_days_at_half_past_five_are_at_half_past_five():
    drawn = sampled(fitted(moments(300, "1D") + pd.Timedelta("17h30min")))
    assert (drawn.dt.strftime("%H:%M") == "17:30").all()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_draws_of_local_days_begin_where_the_day_begins(zone):
    days = moments(300, "1D").dt.tz_localize(zone, nonexistent="shift_forward")
    encoder = fitted(days)
    drawn = sampled(encoder)
    assert (encoder.inverse(encoder.transform(days)) == days).all()
    assert (drawn == drawn.dt.floor("1h")).all()
    assert (drawn.dt.hour <= 1).all()


def test_both_hours_that_are_told_alike_when_clocks_go_back_are_kept():
    utc = pd.Series(pd.date_range("2023-10-29 00:00", periods=4, freq="30min", tz="UTC"))
    column = utc.dt.tz_convert("Europe/Berlin")
    encoder = fitted(column)
    assert (encoder.inverse(encoder.transform(column)) == column).all()


@pytest.mark.parametrize("dtype", [object, "date32[day][pyarrow]", "timestamp[us][pyarrow]"])
def test_dates_stored_otherwise_come_back_as_they_were(dtype):
    days = [
        datetime.date(2020, 1, 1) + datetime.timedelta(days=int(day)) for day in range(0, 90, 3)
    ]
    column = pd.Series([*days, None], dtype=dtype)
    encoder = fitted(column)
    pd.testing.assert_series_equal(encoder.inverse(encoder.transform(column)), column)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["2020-01-01"], "parse it with pandas.to_datetime"),
        ([5], "expected times, found dtype int64"),
        (
            pd.Series(
                [pd.Timestamp("2020", tz="UTC"), pd.Timestamp("2020", tz="Asia/Tokyo")]
            ).astype(object),
            "same time zone",
        ),
    ],
)
def test_what_is_no_time_is_refused(values, message):
    with pytest.raises(DataError, match=f"column 'time': .*{message}"):
        fitted(pd.Series(values, name="time"))


def test_times_with_and_without_a_zone_are_not_mixed():
    encoder = fitted(moments(20, "1D"))
    with pytest.raises(DataError, match="expected times without time zone, found datetime64"):
        encoder.transform(moments(2, "1D").dt.tz_localize("UTC"))


def test_calendar_features_are_named_and_within_one_circle():
    features = calendar_features(moments(100, "1h"))
    assert tuple(features.columns) == CALENDAR
    assert (features.drop(columns="decades").abs() <= 1).all(axis=None)


@pytest.mark.parametrize(
    ("time", "column", "value"),
    [
        ("2010-01-01", "decades", 1.0),
        ("2024-07-01", "month_cos", -1.0),
        ("2024-01-01", "weekday_cos", 1.0),
        ("2024-01-01 06:00", "hour_sin", 1.0),
    ],
)
def test_calendar_features_have_the_phase_of_the_calendar(time, column, value):
    assert calendar_features(pd.Series([pd.Timestamp(time)]))[column][0] == pytest.approx(value)


def test_missing_times_have_calendar_features_of_zero():
    features = calendar_features(pd.Series([pd.NaT, START], index=[5, 9]))
    assert features.index.tolist() == [0, 1]
    assert not features.loc[0].any()
