"""A job for a render farm: as an Open Job Description template, as a bundle, and in the words of other engines.

`work.py` says what is to be done: typed parameters (`parameters.py`) and steps (`steps.py`). `template.py` writes that
as Open Job Description, `engines/` in the words of others, `bundle.py` into a folder.
"""
