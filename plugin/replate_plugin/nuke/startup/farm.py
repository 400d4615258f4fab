"""Render every Replate node of a script, for a farm: nuke -t farm.py SCRIPT.nk FRAMES [NODE ...]

FRAMES is a range as 1001-1100. Nodes are rendered from the top down; with names only those. Ends with code 1, and a
sentence, where one fails.
"""

import sys

import nuke

from replate_plugin.nuke import farm

sys.exit(farm.main(nuke.rawArgs[nuke.rawArgs.index(__file__) + 1 :] if __file__ in nuke.rawArgs else sys.argv[1:]))
