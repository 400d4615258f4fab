"""A physical simulation of fire and smoke in a thin slab of air, from which generators learn detail.

`flow` holds the laws of moving air, `burning` what is carried and what it does to the air, `scenes` what a take is
about, `takes` what is kept of one. A cell is a pixel, time is in frames. Needs minutes on a processor, a batch of takes
at once on a GPU.
"""
