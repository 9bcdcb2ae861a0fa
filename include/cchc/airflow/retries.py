"""What Airflow does with an error, by its class.

=================================================  ================================================
error                                              Airflow
=================================================  ================================================
SourceUnavailable, database or network down        tries again after a while
SourceRefused, ContractBroken                      fails the task now: a person must look
Overtaken                                          fails the task now: a later attempt or the judged run counts
ConfigurationError, ReconciliationError            fails the task now: another try ends the same way
=================================================  ================================================
"""

from __future__ import annotations

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

RETRIES = 2  # the wait between them is set in `defaults`

# Classes are named, not imported: parsing a DAG must not load what only running it needs.
BY_ERROR_CLASS = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="cchc.errors.SourceUnavailable",
            action=RetryAction.RETRY,
            reason="the unit's system is down or slow: another try is worth it",
        ),
        RetryRule(
            exception=["cchc.errors.SourceError"],
            action=RetryAction.FAIL,
            reason="the unit's system answers, but wrongly: a person must look",
        ),
        RetryRule(
            exception="cchc.errors.Overtaken",
            action=RetryAction.FAIL,
            reason="the source was begun anew, or the run takes no more pulls: this one may not write any more",
        ),
        RetryRule(
            exception=["cchc.errors.ConfigurationError", "cchc.errors.ReconciliationError"],
            action=RetryAction.FAIL,
            reason="another try would end the same way: see the message",
        ),
    ],
)
