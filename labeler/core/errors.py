"""Errors of the user's world. Each says one sentence and, where it can, what to do; anything else that is raised is a bug."""


class UserError(Exception):
    """The user's or the environment's problem: shown as one sentence and a hint, never as a traceback (exit code 2)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(UserError):
    """A project, image, model, run or file that was named does not exist."""


class BadInput(UserError):
    """A file or value from outside is not what it should be."""


class Damaged(BadInput):
    """A project's database is damaged; a backup may bring it back."""


class Conflict(UserError):
    """The rows no longer equal what the edit was made from: another window changed them first."""


class Cancelled(Exception):
    """Raised out of a progress report because the person asked to stop."""
