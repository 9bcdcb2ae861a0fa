"""Errors that people read: what failed, where, and what to do.

The class of an error decides what happens next (see `cchc.airflow.retries`):

===================  ==========================================  ==================
class                meaning                                     the night then
===================  ==========================================  ==================
SourceUnavailable    the unit's system is down, slow or cut off   tries again
SourceRefused        credentials or permissions are wrong         fails the source
ContractBroken       the system answered in an unknown shape      fails the source
ConfigurationError   our own catalogue or environment is wrong    stops, exit code 2
Overtaken            the pull was given up or begun anew          goes on without it
===================  ==========================================  ==================
"""

from __future__ import annotations


class CchcError(Exception):
    """Base of every error this product raises on purpose."""


class ConfigurationError(CchcError):
    """The catalogue or the environment is wrong; the message names the file or variable to mend."""


class SourceError(CchcError):
    """One source failed; every other source goes on.

    `where` is the place in the source (page, file, sheet, field) in words an engineer can follow.
    """

    def __init__(self, source: str, message: str, *, where: str = "", action: str = "") -> None:
        self.source = source
        self.where = where
        self.action = action
        place = f" [{where}]" if where else ""
        text = f"{message.rstrip('.')}. {action}" if action else message
        super().__init__(f"{source}{place}: {text}")


class SourceUnavailable(SourceError):
    """The system cannot be reached, hangs, or cut its answer short: worth another try."""


class SourceRefused(SourceError):
    """The system refused us (401, 403, unknown certificate): a person must mend credentials."""


class ContractBroken(SourceError):
    """The system answered in a shape its profile does not describe: a person must look."""


class Overtaken(CchcError):
    """A pull may not write any more: it was given up or begun anew, or its run takes no more pulls."""


class ReconciliationError(CchcError):
    """Counts that must agree do not; nothing of the delivery was kept."""
