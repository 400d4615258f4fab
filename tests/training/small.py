"""`replate train tiny ...`: the command with the recipe of the tests, for tests that need processes of their own.

python small.py SECONDS_BETWEEN_CHECKPOINTS train tiny --content FOLDER --out FOLDER --steps 10
"""

import math
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch

from replate.cli import main
from replate_training import recipes
from replate_training.loop import trainer
from training.conftest import tiny

if __name__ == "__main__":
    torch.set_num_threads(1)
    recipes.names = lambda: ["tiny"]
    recipes.find = lambda name: tiny()
    trainer.SAVE, trainer.SHARE, trainer.REPORT = float(os.environ["SAVE"]), math.inf, 1
    main()
