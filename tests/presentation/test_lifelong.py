"""Tables of lives of many tasks: what was known, what is, and at what memory, always together."""

from evometa.judging.reports import Baseline, OtherTest, Report, RowCourse, StreamCourse
from evometa.judging.scores import Score
from evometa.presentation.console import Paper
from evometa.presentation.lifelong import lifelong_tables, row_rows, stream_rows

KNOWN = StreamCourse(memory=1200, end=Score(mean=0.5, ci95=0.1), learned=Score(mean=0.75), backward=Score(mean=-0.25))
ROW = RowCourse(memory=8, first=Score(mean=0.4), later=Score(mean=0.6), forward=Score(mean=0.2),
                permuted=Score(mean=0.0))  # fmt: skip


def test_streams_have_a_row_for_each_learner_and_a_table_for_each_test() -> None:
    other = OtherTest(name="10-way 15-shot", stream=KNOWN, baselines=[Baseline(name="SGD", stream=KNOWN)])
    report = Report(champion=0, stream=KNOWN, baselines=[Baseline(name="SGD", stream=KNOWN)], other_tests=[other])
    assert [row[0] for row in stream_rows(report)] == ["champion", "SGD"]
    assert stream_rows(report)[0][1:] == ("0.5000 ± 0.1000", "0.7500", "-0.2500", "1,200")
    assert len(list(lifelong_tables(report))) == 2
    assert Paper(*lifelong_tables(report)) is not None


def test_rows_have_what_is_carried_beside_what_is_not() -> None:
    report = Report(
        champion=0, row=ROW, baselines=[Baseline(name="prototypes", memory=3, mean=0.5), Baseline(name="x")]
    )
    assert [row[0] for row in row_rows(report)] == ["champion", "prototypes"]
    assert row_rows(report)[0] == ("champion", "0.4000", "0.6000", "0.2000", "–", "8")
    assert len(list(lifelong_tables(report))) == 2  # and what is left with permuted labels


def test_other_reports_have_no_such_tables() -> None:
    assert list(lifelong_tables(Report(champion=0))) == list(lifelong_tables(None)) == []


def test_worlds_in_a_row_are_told_by_their_measure() -> None:
    row = RowCourse(measure="share", memory=9, first=Score(mean=0.2), later=Score(mean=0.5), last=Score(mean=0.6),
                    gain=Score(mean=0.4), forward=Score(mean=0.3))  # fmt: skip
    report = Report(champion=0, row=row, baselines=[Baseline(name="q_lambda", row=row)])
    assert row_rows(report)[1] == ("q_lambda", "0.2000", "0.6000", "0.4000", "0.5000", "0.3000", "9")
    (table,) = lifelong_tables(report)
    assert table.title == "worlds in a row, share"  # type: ignore[attr-defined]
    assert len(table.columns) == len(row_rows(report)[0])  # type: ignore[attr-defined]
