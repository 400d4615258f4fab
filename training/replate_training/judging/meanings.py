"""What each figure is called and what it tells, in a sentence for people who did not write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CRITIC", "MEANINGS", "Meaning", "title"]

CRITIC = {"critic_real": "on real", "critic_made": "on made"}
"""Terms of the history that are no losses but the critic's mean logits, and what a plot calls them."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A figure's name for a reader, what it tells, and how to write its number."""

    title: str
    sentence: str
    form: str = "{:.3f}"


MEANINGS: Mapping[str, Meaning] = {
    "display_psnr": Meaning(
        "PSNR as shown",
        "How close the picture on a screen comes to the target: 30 dB looks alike at a glance, at 40 dB one has to "
        "flip between the two to tell.",
        "{:.1f} dB",
    ),
    "psnr": Meaning(
        "PSNR in ACEScct",
        "The same closeness in the log space that the network works in, where highlights and shadows count alike.",
        "{:.1f} dB",
    ),
    "ssim": Meaning("SSIM", "How much of the local structure (edges, texture) agrees with the target; 1 is all of it."),
    "perceptual": Meaning(
        "Perceptual distance",
        "How unlike the target it is to a network that recognises things; 0 is the same, and lower is better.",
    ),
    "sharpness": Meaning(
        "Sharpness",
        "Fine detail in the result over that of the target: 1 is as crisp, below is softer, above is busier.",
        "{:.2f}",
    ),
    "exposure_error": Meaning(
        "Exposure error",
        "How much the look changes when the plate is up to three stops brighter or darker, in ACEScct; 0 is not at "
        "all, and a stop is 0.057.",
        "{:.4f}",
    ),
    "diversity": Meaning(
        "Diversity",
        "How much the pictures of different seeds differ, over how much the data does; near 0 all are one.",
        "{:.2f}",
    ),
    "warp_ratio": Meaning(
        "Steadiness in motion",
        "What changes from frame to frame apart from motion, over the same of the plate: 1 is as steady as the plate, "
        "above flickers more.",
        "{:.2f}",
    ),
    "hole_psnr": Meaning(
        "PSNR in the hole",
        "How close the fill comes to what is really there, as shown; no fill can know, so the smooth fill's figure is "
        "the one to compare with.",
        "{:.1f} dB",
    ),
    "smooth_psnr": Meaning(
        "PSNR of the smooth fill", "The same for the smooth fill that the generator begins from.", "{:.1f} dB"
    ),
    "hole_sharpness": Meaning(
        "Sharpness in the hole",
        "Fine detail in the fill over that of the truth: 1 is as crisp, below is softer, above is busier.",
        "{:.2f}",
    ),
    "critic": Meaning(
        "Balance of the game",
        "What the critic thinks of real and of made pictures: lines that stay apart but near are a fair game; where "
        "they meet, it cannot tell them; where they run away, it has won and teaches nothing.",
    ),
}


def title(name: str) -> str:
    """What a reader calls a figure."""
    return MEANINGS[name].title if name in MEANINGS else name.replace("_", " ").capitalize()
