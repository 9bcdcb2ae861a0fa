"""Which counts are parts of another count: what the parts leave of it is a count too, though nobody prints it.

Where the parts leave nothing (no dossier came by a channel that nobody knows), they and the whole tell each other.
"""

from __future__ import annotations

Atoms = tuple[str, ...]  # counts that are added, by the names of `columns`

_FINISHED = ("finished_early", "finished_on_time", "finished_late")
_LEVELS = ("1", "2", "3", "4", "partial", "full", "unknown")
_OF_RECEIVED = (
    "received[needs_result=True]",
    "received_with_result",
    "with_duty",
    "paid_online",
    "components_digitised",
    "digitised_with_result",
    "data_reused",
    "personal_store",
    "citizen_data",
    "dissatisfied",
    "post_in",
    "post_out",
    "post_both",
)

#: A whole, and parts of it that have nothing in common.
APART: tuple[tuple[Atoms, tuple[Atoms, ...]], ...] = (
    (
        ("received",),
        (
            ("received_online",),
            *((f"received[channel={channel}]",) for channel in ("direct", "post", "unknown")),
        ),
    ),
    (
        ("received_online",),
        tuple((f"received[channel=online,online_level={level}]",) for level in _LEVELS),
    ),
    (("received",), (("received[intake=one_stop]",), ("received[intake=direct]",))),
    *((("received",), ((part,),)) for part in _OF_RECEIVED),
    (
        ("received_online",),
        (("received_online_with_result[needs_result=True]", "received_online[needs_result=False]"),),
    ),
    (_FINISHED, (("electronic_result",),)),
    (_FINISHED, (("closed_without_result",),)),
    (("petitions",), (("petitions_about_procedures",), ("petitions_about_staff",))),
    (("petitions_answered",), (("petitions_answered_on_time",), ("petitions_answered_late",))),
)

_766 = "@portal-766"
#: What is always nothing: under the rule of index 766 what was there has ended, in time or late, or is still there.
NOTHING_LEFT: tuple[dict[str, int], ...] = (
    {
        "received": 1,
        "in_process lúc đầu": 1,
        f"ended_in_time{_766}": -1,
        f"ended_late{_766}": -1,
        f"in_process_within_term{_766} lúc cuối": -1,
        f"overdue_in_process{_766} lúc cuối": -1,
    },
)
