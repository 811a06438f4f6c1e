"""Which passwords are taken: long enough, and not what everybody would try first.

No rule about kinds of characters (ASVS 5.0, 6.2.5). How easily one is guessed is judged by zxcvbn
with its lists of common passwords, names and words, without asking anybody outside, and with the
words of the office and of the account beside them (6.2.4, 6.2.11, 6.2.12).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from zxcvbn import zxcvbn

from models.folding import search_key
from models.passwords import LONGEST, SHORTEST
from workflow.sign_in_policy import SignInPolicy
from workflow.words import phrase

JUDGED: Final = 72
"""Characters zxcvbn looks at; what comes after only makes a password better."""
TOO_EASY: Final = phrase(
    "Mật khẩu này dễ đoán: dùng từ phổ biến, tên người, tên cơ quan hoặc dãy "
    "liền nhau. Ghép nhiều từ không liên quan, hoặc dùng trình quản lý mật "
    "khẩu."
)


def check_password(password: str, policy: SignInPolicy, about: Iterable[str] = ()) -> None:
    """Accept a password somebody chose. Raises `ValueError` with a Vietnamese sentence.

    `about` are words near to the person: login, name, unit.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(
            phrase(
                "Mật khẩu dài từ {shortest} đến {longest} ký tự.",
                shortest=SHORTEST,
                longest=LONGEST,
            )
        )
    words = _words((*policy.easy_words, *about))
    looks = {password[:JUDGED], search_key(password)[:JUDGED]}
    looks |= {"".join(one.split()) for one in looks}
    weakest = min(float(zxcvbn(one, user_inputs=words)["guesses_log10"]) for one in looks if one)
    if weakest < policy.least_guesses_power:
        raise ValueError(TOO_EASY)


def _words(given: Iterable[str]) -> list[str]:
    """Each word and phrase as typed, without marks, and without spaces."""
    found: dict[str, None] = {}
    for text in given:
        plain = unicodedata.normalize("NFC", text).casefold().strip()
        for form in (plain, search_key(plain)):
            for word in (form, "".join(form.split()), *form.split()):
                found[word] = None
    return [word for word in found if len(word) > 1]
