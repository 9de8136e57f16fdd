"""What a process has of its machine: files, memory, processors, caches, signals, and what callers may hand in."""
