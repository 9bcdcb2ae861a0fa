-- One message per recipient, night and kind: a rerun improves what was not sent yet and leaves what was sent.
insert into ops.outbox (recipient, reporting_day, kind, run_id, subject, body_text, body_html)
values (:recipient, :day, :kind, :run_id, :subject, :body_text, :body_html)
on conflict (recipient, reporting_day, kind) do update set
    run_id = excluded.run_id,
    subject = excluded.subject,
    body_text = excluded.body_text,
    body_html = excluded.body_html,
    created_at = clock_timestamp()
where ops.outbox.sent_at is null
