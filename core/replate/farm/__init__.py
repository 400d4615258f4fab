"""A job for a render farm: as an Open Job Description template, as a bundle, and in the words of other engines.

`work.py` makes a `Farm` of a job: steps whose words hold typed parameters (`steps.py`, `parameters.py`). `offers.py`
says which, for `rendering.py`, `schooling.py` and `filming.py`. `template.py` writes that as Open Job Description,
`engines/` in the words of others, `bundle.py` into a folder.
"""
