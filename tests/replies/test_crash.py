"""The real product is killed while a model writes: the visitor gets the answer, once, after it is back."""

import time

from tests.browser.inbox import Visitor

from . import model as talk
from .conftest import until
from .model import Model

MAKE = """
from agents.models import Workspace
from integrations.replies import services
from integrations.replies.models import Assistant
services.keep(Assistant(workspace=Workspace.objects.get(slug={slug!r}), name="Robin", enabled=True, mode="answer",
    base_url={url!r}, model="small", deadline_seconds=120))
"""


def test_a_kill_in_the_middle_of_an_answer_loses_nothing_and_doubles_nothing(new_product):
    product = new_product().start()
    model = Model(talk.says("Here it is.", pause=0.05))
    model.talks = [talk.hangs]
    workspace = product.manage_json("create_workspace", "Acme", "--domain", "localhost")
    product.manage("shell", "-c", MAKE.format(slug=workspace["slug"], url=model.url))
    visitor = Visitor.begin(product, workspace["publishableKey"], "Vera", "Where is it?")
    until(lambda: model.asked)
    product.kill()
    product.start()
    until(lambda: "Here it is." in visitor.hears(), 40)
    time.sleep(2)
    assert visitor.hears().count("Here it is.") == 1
    assert len(model.asked) == 2
    model.close()
