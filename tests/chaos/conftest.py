"""A stage of the mode that the environment names, with everything in it that this mode can have."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings

from .stage import Cottage, House, Stage


@pytest.fixture
async def new_stage(template: Any, new_product: Callable[[], Any]) -> AsyncIterator[Callable[..., Awaitable[Stage]]]:
    """Return an opener of stages: ``await new_stage(seed)``."""
    stages: list[Stage] = []

    async def open_one(seed: int, **options: Any) -> Stage:
        if settings.EMBEDDED:
            house: Any = Cottage(new_product())
        else:  # the tables and the static files of the template: nothing is prepared twice
            house = House(like=template.url, PARLEY_STATIC=str(template.static), **options)
        stages.append(Stage(house, seed))
        return await stages[-1].open()

    yield open_one
    for stage in stages:
        await stage.close()
