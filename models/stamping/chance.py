"""Chance that can be had again: every draw is a hash of the seed and of how many came before."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws, the same for the same seed on every machine."""

    def __init__(self, seed: int) -> None:
        """Begin at the first draw."""
        self.seed, self.drawn = seed, 0

    def below(self, end: int) -> int:
        """A number from 0 up to `end`, which it never is."""
        self.drawn += 1
        said = hashlib.sha256(f"{self.seed}:{self.drawn}".encode()).digest()
        return int.from_bytes(said[:8]) % end

    def one_of(self, things: Sequence[T]) -> T:
        """One of these, each as likely as another."""
        return things[self.below(len(things))]

    def weighed(self, weights: Mapping[T, int]) -> T:
        """One of the keys, as likely as it weighs; at least one weighs something."""
        left = self.below(sum(weights.values()))
        for one, weight in weights.items():
            if left < weight:
                return one
            left -= weight
        raise AssertionError("a draw beyond all weights")
