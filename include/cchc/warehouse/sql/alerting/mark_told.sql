-- Of this run, and of those before it that were cut off, people are told by its messages.
update ops.run as r
set told_in = this.run_id
from ops.run as this
where this.run_id = :run_id and r.told_in is null and r.started_at <= this.started_at
