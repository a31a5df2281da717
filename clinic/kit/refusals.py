"""What a rule says when it says no."""


class Refusal(Exception):
    """A rule said no. The text is for staff: what, why, what to do next; already translated."""


class AlreadyDone(Exception):
    """The same form was sent before; `outcome` says what came of it then."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome
