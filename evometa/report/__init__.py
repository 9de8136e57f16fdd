"""The report on a run: one HTML page that opens without a network, or its figures one by one.

from evometa.report import write_report

write_report(evometa.load("runs/delta-1"))  # runs/delta-1/report.html
"""

from evometa.report.output import FORMATS, write_report

__all__ = ["FORMATS", "write_report"]
