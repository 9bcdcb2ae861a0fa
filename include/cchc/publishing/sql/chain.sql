-- Every link in the order of the chain: what was sealed, and its row, numbers and dossiers as they stand now.
-- sealed_row is null where the row is gone. Lines are hashed in an order that no setting of the server changes.
select
    l.chain_no,
    l.release_id,
    l.is_reopening,
    coalesce(
        l.release_id, concat_ws('/', l.calendar, l.period, l.revision, case when l.is_reopening then 'reopened' end)
    ) as name,
    l.previous_sha256,
    l.values_sha256,
    l.records_sha256,
    l.chain_sha256,
    r.content_sha256,
    r.reporting_day,
    r.path,
    r.sources_expected,
    r.sources_fresh,
    case when not l.is_reopening then n.values_sha256 end as values_sha256_now,
    case when l.release_id is null and not l.is_reopening then d.records_sha256 end as records_sha256_now,
    case
        when r.release_id is not null
            then
                jsonb_build_array(r.release_id, r.reporting_day, r.content_sha256, r.sources_expected, r.sources_fresh)
        when q.calendar is not null
            then
                jsonb_build_array(
                    q.calendar, q.period, q.revision, q.reopened_at at time zone 'UTC', q.reopened_by, q.reason
                )
        when c.calendar is not null
            then
                jsonb_build_array(
                    c.calendar, c.period, c.revision, c.period_from, c.period_to, c.reporting_day,
                    c.closed_at at time zone 'UTC', c.closed_by, c.note, c.catalogue_sha256, c.on_time_rules,
                    c.sources_expected, c.sources_complete, o.reopening
                )
    end as sealed_row,
    -- sealed too since links are of schema 0009
    case
        when r.release_id is null then '[]'::jsonb
        else jsonb_build_array(r.run_id, r.path, r.published_at at time zone 'UTC')
    end as sealed_more
from publish.chain_link as l
left join publish.release as r on l.release_id = r.release_id
left join publish.closed_period as c
    on l.calendar = c.calendar and l.period = c.period and l.revision = c.revision and not l.is_reopening
left join publish.reopening as q
    on l.calendar = q.calendar and l.period = q.period and l.revision = q.revision and l.is_reopening
left join
    lateral (
        -- why this revision followed the one before
        select jsonb_build_array(p.reopened_at at time zone 'UTC', p.reopened_by, p.reason) as reopening
        from publish.reopening as p
        where p.calendar = c.calendar and p.period = c.period and p.revision = c.revision - 1
    ) as o
    on true
cross join
    lateral (
        select
            encode(sha256(convert_to(coalesce(string_agg(i.line, E'\n' order by i.line collate "C"), ''), 'UTF8')), 'hex')
                as values_sha256
        from (
            select
                jsonb_build_array(
                    v.unit_code, v.set_code, v.indicator_code, v.period_from, v.period_to, v.value, v.numerator,
                    v.denominator, v.printed, v.reason, v.coverage, v.fresh_to
                )::text as line
            from publish.indicator_value as v
            where v.release_id = l.release_id
            union all
            select
                jsonb_build_array(
                    v.unit_code, v.set_code, v.indicator_code, v.value, v.numerator, v.denominator, v.printed, v.reason,
                    v.coverage, v.fresh_to
                )::text as line
            from publish.closed_value as v
            where v.calendar = l.calendar and v.period = l.period and v.revision = l.revision and not l.is_reopening
        ) as i
    ) as n
cross join
    lateral (
        -- unit by unit: a year's dossiers do not fit into one text
        select
            encode(sha256(convert_to(coalesce(string_agg(u.line, E'\n' order by u.line collate "C"), ''), 'UTF8')), 'hex')
                as records_sha256
        from (
            select
                i.unit_code || ' '
                || encode(sha256(convert_to(string_agg(i.line, E'\n' order by i.line collate "C"), 'UTF8')), 'hex') as line
            from (
                select
                    v.unit_code,
                    jsonb_build_array(v.unit_code, v.source_code, v.dossier_code, encode(v.row_hash, 'hex'))::text as line
                from publish.closed_record as v
                where v.calendar = l.calendar and v.period = l.period and v.revision = l.revision and not l.is_reopening
            ) as i
            group by i.unit_code
        ) as u
    ) as d
where l.chain_no between :from_no and coalesce(cast(:to_no as integer), l.chain_no)
order by l.chain_no
