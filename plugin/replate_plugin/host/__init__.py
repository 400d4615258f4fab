"""What every host adapter shares: knobs from the declarations, jobs from knobs, and baking them through the service.

Standard library only, Python 3.10 to 3.13, no host: `declared.py` says what knobs there are, `reading.py` reads
them, `jobs.py` makes a job of their values, `places.py` says where pictures lie and which of them are up to date,
`baking.py` has them made.
"""
