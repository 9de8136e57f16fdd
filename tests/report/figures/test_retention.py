"""What is known when: a matrix and curves of streams, a curve of tasks in a row."""

from evometa.judging.reports import Report, RowCourse, StreamCourse
from evometa.report.figures.forgetting import retention


def test_a_stream_is_a_matrix_and_a_curve_for_each_part_of_its_classes() -> None:
    figure = retention(Report(champion=0, stream=StreamCourse(matrix=[[1.0], [0.5, 0.75]])))
    matrix, first, second = figure.data
    assert [list(row) for row in matrix.z] == [[1.0, 0.5], [None, 0.75]]
    assert (list(first.x), list(first.y)) == ([1, 2], [1.0, 0.5])  # forgotten by half
    assert (list(second.x), list(second.y)) == ([2], [0.75])


def test_tasks_in_a_row_stand_beside_those_of_one_who_is_born_anew() -> None:
    figure = retention(Report(champion=0, row=RowCourse(curve=[0.25, 0.5, 0.75], reset=[0.25, 0.25, 0.25])))
    assert [list(one.y) for one in figure.data] == [[0.25, 0.5, 0.75], [0.25] * 3]
    many = retention(Report(champion=0, row=RowCourse(curve=[0.5] * 45, reset=[0.25] * 45)))
    assert [len(one.y) for one in many.data] == [5, 5]


def test_other_lives_say_so() -> None:
    assert "one task" in retention(Report(champion=0)).layout.annotations[0].text
    assert retention(None).layout.meta
