"""Which exceptions are the environment's doing: a full disk, a folder without permission, a locked database. The rest are bugs."""

import errno
import sqlite3

from labeler.core.errors import UserError
from labeler.core.i18n import tr

_OURS_TO_SAY = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENAMETOOLONG, errno.ENOTDIR, errno.EMFILE,
}  # fmt: skip
_DATABASE_TROUBLE = ("locked", "busy", "readonly", "read-only", "full", "disk i/o", "unable to open", "malformed")


def as_user_error(error: BaseException) -> UserError | None:
    """`error` in the user's words where it is the user's or the environment's problem, else None."""
    if isinstance(error, UserError):
        return error
    if isinstance(error, MemoryError):
        return UserError(
            tr("There is not enough memory for this."), tr("Close other programs, or work on fewer images.")
        )
    if isinstance(error, OSError) and error.errno in _OURS_TO_SAY:
        return UserError(
            tr("{path}: {reason}", path=error.filename or tr("The system"), reason=error.strerror or error),
            tr("Check that the folder can be written and the disk has room."),
        )
    cause = getattr(error, "orig", error)  # SQLAlchemy keeps the database's own error there
    if isinstance(cause, sqlite3.DatabaseError) and any(word in str(cause).lower() for word in _DATABASE_TROUBLE):
        return UserError(
            tr("The project's database cannot be used: {reason}", reason=cause),
            tr("Close other programs that work on it, and check that the folder can be written and the disk has room."),
        )
    return None
