"""What may go wrong when the team is changed."""


class TeamError(Exception):
    """A refused change: ``code`` is a word for programs, ``message`` a sentence, ``field`` what it is about."""

    code = "invalid"

    def __init__(self, message: object, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(TeamError):
    """The input cannot be what it should be."""


class Unknown(TeamError):
    """What is named does not exist in this workspace."""

    code = "not_found"


class Taken(TeamError):
    """Somebody has it already."""

    code = "conflict"


class NotAllowed(TeamError):
    """The one who acts may not do this."""

    code = "not_allowed"


class LastOwner(TeamError):
    """A workspace always keeps an owner who can act."""

    code = "last_owner"
