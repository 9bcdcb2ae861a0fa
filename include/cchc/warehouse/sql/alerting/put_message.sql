-- One message per recipient, night, kind and channel: a rerun improves what nobody tried to send yet, or what was refused,
-- and leaves the rest.
insert into ops.outbox (
    recipient, reporting_day, kind, channel, run_id, subject, body_text, body_html, attachment_name, attachment, not_before, alerts
)
values (
    :recipient, :day, :kind, :channel, :run_id, :subject, :body_text, :body_html, :attachment_name, :attachment, :not_before, :alerts
)
on conflict (recipient, reporting_day, kind, channel) do update set
    run_id = excluded.run_id,
    subject = excluded.subject,
    body_text = excluded.body_text,
    body_html = excluded.body_html,
    attachment_name = excluded.attachment_name,
    attachment = excluded.attachment,
    not_before = excluded.not_before,
    alerts = excluded.alerts,
    created_at = clock_timestamp()
where ops.outbox.state = 'waiting'
