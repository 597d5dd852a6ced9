"""What a person is told who would end long work by closing the window or the project. Decides nothing."""

from collections.abc import Sequence

from labeler.core.i18n import ntr, tr
from labeler.gui.tasks import Job


def closing_words(unfinished: Sequence[Job]) -> tuple[str, str, str]:
    """Heading, text and the word on the button, for the jobs that closing would stop (at least one)."""
    heading = ntr("{count} job is not finished", "{count} jobs are not finished", len(unfinished))
    jobs = "\n".join(f"•  {_job(job)}" for job in unfinished)
    kept = tr(
        "Closing stops it. Pages that are done stay done, and nothing is left half-written. Trainings go on by themselves."
    )
    return heading, f"{jobs}\n\n{kept}", tr("Stop and close")


def _job(job: Job) -> str:
    if not job.running:
        return tr("{job}, waiting", job=job.text)
    if not job.total:
        return job.text
    return tr("{job}, {done} of {total}", job=job.text, done=f"{job.done:,}", total=f"{job.total:,}")
