select
    opens,
    closes,
    worked_before
from core.office_hours
order by opens
