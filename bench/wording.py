"""What made-up visitors and agents say: sentences of Vietnamese and English words, few of them often and many rarely."""

from __future__ import annotations

import random
from itertools import accumulate
from typing import NamedTuple

from django.db import connection

SENTENCES = 4096
TABLE = "bench_sentence"
# In nearly every chat; in those of the older half of the year alone; in one chat each: `DH` and a number.
FREQUENT, FREQUENT_TOO, OLD = "chào", "đơn", "khuyến mãi"
_OFTEN = (
    "chào đơn em hàng the anh chị ơi là cho của order không được please tôi giao muốn hỏi xin cảm ơn size màu đổi trả "
    "with my need help áo giày thanh toán tiền ngày mai hôm nay địa chỉ số điện thoại kiểm tra giúp delivery late refund"
).split()
_VOCABULARY, _LENGTHS = 12_000, range(4, 11)
_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
_RIMES = "a ài ạn ấu ắc ê ểm iế iềng ô ố ơi ợt u úng ư ứa y oán uyệt".split()


class Sentence(NamedTuple):
    """As it is written, and its words as they are compared."""

    body: str
    words: str


def sentences() -> list[Sentence]:
    """Return the sentences: the same ones each time. The word of rank r is said about 1/r times as often as the first."""
    from chat.folding import folded

    chance = random.Random(7)
    words = [*_OFTEN, *(f"{chance.choice(_ONSETS)}{chance.choice(_RIMES)}{n:x}" for n in range(_VOCABULARY))]
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    said = (chance.choices(words, cum_weights=weights, k=chance.choice(_LENGTHS)) for _ in range(SENTENCES))
    return [Sentence(body, folded(body)) for body in map(" ".join, said)]


def store() -> None:
    """Put the sentences into a table of this connection alone, for the statements that make messages of them."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"CREATE TEMPORARY TABLE {TABLE} (number integer PRIMARY KEY, body text, words text)")
        rows = [(number, *sentence) for number, sentence in enumerate(sentences())]
        cursor.executemany(f"INSERT INTO {TABLE} VALUES (%s, %s, %s)", rows)
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {TABLE}")
