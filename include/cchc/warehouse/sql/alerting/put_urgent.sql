-- At most one per thing and night.
insert into ops.outbox (recipient, reporting_day, kind, channel, run_id, subject, body_text, body_html, not_before, alerts)
values (:recipient, :day, :kind, :channel, :run_id, :subject, :body_text, :body_html, :not_before, :alerts)
on conflict (recipient, reporting_day, kind, channel) do nothing
