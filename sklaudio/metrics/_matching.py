"""Which predicted event is which of the reference: as many pairs as there can be, or the first that fits."""


def greedy_matching(refs_of_each):
    """Match each reference event to the first predicted one that fits and is free.

    Parameters
    ----------
    refs_of_each : dict of int to list of int
        For each predicted event, the reference events that it fits, ascending.

    Returns
    -------
    dict of int to int
        The predicted event of each reference event that has one.
    """
    pairs = sorted((ref, predicted) for predicted, refs in refs_of_each.items() for ref in refs)
    match, taken = {}, set()
    for ref, predicted in pairs:
        if ref not in match and predicted not in taken:
            match[ref] = predicted
            taken.add(predicted)
    return match


def largest_matching(refs_of_each):
    """Match as many events as can be, by the algorithm of Hopcroft and Karp [1]_.

    Of several matchings of the largest size it is the one that sed_eval finds: a substitution is an event that the
    matching leaves over, so that their number depends on it. It begins with the first free fit of each predicted event,
    in the order of `refs_of_each`.

    Parameters
    ----------
    refs_of_each : dict of int to list of int
        As in :func:`greedy_matching`.

    Returns
    -------
    dict of int to int
        The predicted event of each reference event that has one.

    References
    ----------
    .. [1] J. E. Hopcroft and R. M. Karp, "An n^5/2 algorithm for maximum matchings in bipartite graphs", SIAM Journal
       on Computing 2 (1973), 225-231.
    """
    match = {}
    for predicted, refs in refs_of_each.items():
        free = next((ref for ref in refs if ref not in match), None)
        if free is not None:
            match[free] = predicted
    while True:
        reached_by, came_from, free_refs = _shortest_paths(refs_of_each, match)
        if not free_refs:
            return match
        for ref in free_refs:
            _augment(match, ref, reached_by, came_from)


def _shortest_paths(refs_of_each, match):
    """Search breadth-first from the free predicted events, along fits to references and back along matches.

    Returns the predicted events that reach each reference in the fewest steps, the reference that each predicted event
    was reached from (None where it is free), and the free references at which the search ends.
    """
    matched = set(match.values())
    came_from = {predicted: None for predicted in refs_of_each if predicted not in matched}
    layer, reached_by, free_refs = list(came_from), {}, []
    while layer and not free_refs:
        reached = {}
        for predicted in layer:
            for ref in refs_of_each[predicted]:
                if ref not in reached_by:
                    reached.setdefault(ref, []).append(predicted)
        reached_by |= reached
        free_refs = [ref for ref in reached if ref not in match]
        layer = [match[ref] for ref in reached if ref in match]
        came_from |= {match[ref]: ref for ref in reached if ref in match}
    return reached_by, came_from, free_refs


def _augment(match, ref, reached_by, came_from):
    """Walk back from a free reference to a free predicted event, and match anew along the way if there is one.

    No later walk uses what this one has tried, so that the walks of a round share no event.
    """
    path = [(ref, iter(reached_by.pop(ref)))]
    pairs = []
    while path:
        ref, left = path[-1]
        predicted = next((each for each in left if each in came_from), None)
        if predicted is None:  # a dead end
            path.pop()
            pairs = pairs[:-1]
            continue
        pairs.append((ref, predicted))
        before = came_from.pop(predicted)
        if before is None:
            match.update(pairs)
            return
        if before in reached_by:
            path.append((before, iter(reached_by.pop(before))))
        else:
            pairs.pop()
