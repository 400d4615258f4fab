"""`install.py hosts`: Replate's plug-ins in the hosts of this machine, put there and taken away again.

`system.py` knows where things usually are, `hosts.py` what each host reads from where, `packing.py` what of this
package it needs, `contents.py` what is written, `receipt.py` what was written; `changes.py` writes and removes.
`extension.py` makes a zip for Blender. Standard library only; nothing asks the network.
"""
