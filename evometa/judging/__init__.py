"""Champions judged: chosen on validation tasks, reported on test tasks, beside tuned rivals, and taken apart."""
