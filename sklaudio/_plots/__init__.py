"""How sounds, trainings, searches and long recordings are drawn; public in :mod:`sklaudio.plots`."""
