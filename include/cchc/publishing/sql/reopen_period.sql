insert into publish.reopening (calendar, period, revision, reopened_by, reason)
values (:calendar, :period, :revision, :reopened_by, :reason)
