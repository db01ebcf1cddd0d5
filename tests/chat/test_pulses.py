"""What a hub makes of the pulses that it hears."""

from chat.pulses import Pulses


def test_pulses_in_their_order_and_time_leave_no_doubt():
    pulses = Pulses()
    assert not any(pulses.hear("a", number, number) for number in range(1, 20))
    assert pulses.ended(20) == []


def test_a_missing_one_is_noticed_and_only_once():
    pulses = Pulses()
    pulses.hear("a", 1, 0)
    assert pulses.hear("a", 3, 1)
    assert not pulses.hear("a", 4, 2)


def test_a_late_one_is_noticed():
    pulses = Pulses()
    pulses.hear("a", 1, 0)
    assert pulses.hear("a", 2, 2.6)


def test_the_numbers_of_others_do_not_matter():
    pulses = Pulses()
    pulses.hear("a", 1, 0)
    pulses.hear("b", 1, 0.5)
    assert not pulses.hear("a", 2, 1)


def test_one_that_is_silent_has_ended_once_and_may_come_again():
    pulses = Pulses()
    pulses.hear("a", 1, 0)
    assert pulses.ended(2) == []
    assert pulses.ended(3) == ["a"]
    assert pulses.ended(4) == []
    assert pulses.hear("a", 4, 5)


def test_one_whose_beginning_was_not_heard_leaves_a_doubt():
    assert Pulses().hear("a", 2, 0)
