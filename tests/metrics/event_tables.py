"""Two clips with events, what was predicted of them, and random ones."""

TRUE = [
    [(2.4, 3.6, "a"), (2.6, 3.7, "b"), (1.7, 3.2, "b"), (4.0, 4.9, "b"), (1.8, 2.1, "a")],
    [(1.3, 1.6, "b"), (0.5, 2.2, "b"), (1.5, 2.2, "b"), (5.1, 6.9, "a"), (4.9, 5.4, "b")],
]
PREDICTED = [
    [(2.2, 3.1, "b"), (3.8, 4.8, "a"), (2.0, 4.1, "a"), (2.2, 2.3, "a"), (2.9, 4.1, "b")],
    [(1.2, 1.6, "b"), (1.0, 2.3, "b"), (0.7, 2.3, "b"), (4.7, 4.8, "b"), (5.2, 6.7, "a")],
]


def random_tables(rng, n_clips, max_events, labels="abc", duration=8):
    """Draw tables with times in eighths of seconds, which no division rounds: list of list of (start, end, label)."""
    tables = []
    for _ in range(n_clips):
        starts = rng.integers(0, 8 * duration - 8, size=rng.integers(0, max_events + 1))
        tables.append([(s / 8, (s + rng.integers(1, 9)) / 8, str(rng.choice(list(labels)))) for s in starts])
    return tables
