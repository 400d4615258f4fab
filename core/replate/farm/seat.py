"""One share of the machine at work on one step: a session of Open Job Description after the other."""

from __future__ import annotations

import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from openjd.sessions import ActionState, ActionStatus, Session

from .ledger import Ledger, TaskReport
from .opening import EXTENSIONS, Bundle
from .shares import Share
from .tasks import Task, Tasks

__all__ = ["Seat"]

_LOOK = 0.1  # seconds between two looks at whether the user has cancelled


class Seat(threading.Thread):
    """Takes tasks until none is left. A session ends with the first task that fails in it; the next begins anew.

    A session whose environment cannot be entered counts as a failure of the task that it was begun for.
    """

    def __init__(
        self,
        share: Share,
        step: Any,
        *,
        bundle: Bundle,
        tasks: Tasks,
        ledger: Ledger,
        cancel: threading.Event,
        root: Path,
    ) -> None:
        super().__init__(name=share.name)
        self._share, self._step, self._bundle = share, step, bundle
        self._tasks, self._ledger, self._cancel, self._root = tasks, ledger, cancel, root
        self._task: Task | None = None
        self._ended, self._last = threading.Event(), ActionStatus(state=ActionState.SUCCESS)

    def run(self) -> None:
        """Until nothing is left to do, or the user has cancelled."""
        self._share.pin()
        while not self._cancel.is_set() and (task := self._tasks.take()) is not None:
            self._task = task
            try:
                with self._session() as session:
                    self._work(session)
            except _Broken as broken:
                self._break(str(broken))
            except Exception as error:  # the library's own, on what a disk or a system refuses
                self._break(f"the session broke: {error}")

    def _work(self, session: Session) -> None:
        """The task in hand and others, until one fails."""
        while (task := self._task) is not None and not self._cancel.is_set():
            started = time.monotonic()
            begin = partial(session.run_task, step_script=self._step.script, task_parameter_values=dict(task.values))
            status = self._act(session, partial(begin, step_name=self._step.name))
            if self._cancel.is_set():
                return
            reason = "" if status.state == ActionState.SUCCESS else _reason(status)
            self._settle(task, time.monotonic() - started, reason)
            self._task = None if reason else self._tasks.take()

    def _break(self, reason: str) -> None:
        """The session is of no use any more; what it had in hand has failed."""
        if self._task is None:
            self._ledger.note(reason)
        else:
            self._settle(self._task, 0.0, reason)

    def _settle(self, task: Task, seconds: float, reason: str) -> None:
        """A task came to its end."""
        self._task = None
        again = bool(reason) and self._tasks.failed(task, reason)
        told = TaskReport(
            step=self._step.name,
            frames=task.range,
            session=self._share.name,
            seconds=round(seconds, 3),
            tries=len(task.tries) + (not reason),
            reason=reason,
        )
        what = f"{self._step.name} {task.range}".strip()
        if again:
            self._ledger.note(f"{what} failed and is tried again: {reason}")
        elif reason:
            self._ledger.lost(told, task.frames)
        else:
            self._tasks.finished(task, seconds)
            self._ledger.finished(told, task.frames)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """A session with the step's environments entered; they are left, and its folder is removed, whatever happens.

        Raises _Broken where one cannot be entered.
        """
        session = Session(
            session_id=uuid.uuid4().hex,
            job_parameter_values=self._bundle.values,
            callback=self._heard,
            os_env_vars=_variables(self._share),
            session_root_directory=self._root,
            revision_extensions=EXTENSIONS,
        )
        with session:
            try:
                for environment in (*(self._bundle.job.jobEnvironments or ()), *(self._step.stepEnvironments or ())):
                    begin = partial(session.enter_environment, environment=environment)
                    status = self._act(session, partial(begin, step_name=self._step.name))
                    if status.state != ActionState.SUCCESS and not self._cancel.is_set():
                        raise _Broken(f"the session's {environment.name} did not begin: {_reason(status)}")
                yield session
            finally:
                for identifier in reversed(session.environments_entered):
                    self._act(session, partial(session.exit_environment, identifier=identifier), cancellable=False)

    def _act(self, session: Session, begin: Callable[[], object], *, cancellable: bool = True) -> ActionStatus:
        """Begin an action and wait for its end; where it is `cancellable` it is ended when the user cancels."""
        self._ended.clear()
        begin()
        while not self._ended.wait(_LOOK):
            if cancellable and self._cancel.is_set():
                cancellable = False
                with suppress(RuntimeError):  # it has just ended
                    session.cancel_action()
        return self._last

    def _heard(self, _: str, status: ActionStatus) -> None:
        """Called by the library, in a thread of its own or in this one."""
        if status.state != ActionState.RUNNING:
            self._last = status
            self._ended.set()
        elif self._task is not None and status.status_message:
            self._ledger.heard(self._task.frames, status.progress, status.status_message)


class _Broken(Exception):  # noqa: N818
    """A session could not begin."""


def _variables(share: Share) -> dict[str, str]:
    """The environment of a session: its share, this installation's programs first, and the dialect that is read."""
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return {**share.variables, "PATH": programs, "REPLATE_PROGRESS": "openjd"}


def _reason(status: ActionStatus) -> str:
    """Why an action ended as it did, in a sentence."""
    if status.fail_message:
        return status.fail_message
    if status.state == ActionState.TIMEOUT:
        return "it took longer than the bundle allows; --timeout gives it more"
    return f"it ended with code {status.exit_code}"
