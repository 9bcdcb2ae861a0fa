-- The body is a text, read when it runs: one that is bound at its creation keeps the columns core.dossier had then.
create or replace function core.dossiers_of(period_from date, period_to date) returns setof core.dossier
language sql stable
as $$
    select d.*
    from core.dossier as d
    where
        coalesce(d.received_at, d.supplement_at) < (period_to + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
        and coalesce(d.finished_at, d.returned_at, 'infinity')
        >= period_from::timestamp at time zone 'Asia/Ho_Chi_Minh'
$$;

-- Releases and closed revisions are links of one chain: one sequence, one anchor.
create table publish.chain_link (
    chain_no integer primary key check (chain_no > 0), -- 1, 2, 3 … without a gap
    release_id text unique references publish.release,
    calendar text,
    period text,
    revision integer,
    previous_sha256 text not null, -- chain_sha256 of the link before
    values_sha256 text, -- of its numbers; sealed in the transaction that enters them
    records_sha256 text, -- of the dossiers a revision was made of
    chain_sha256 text unique, -- of all of this, its own row and the link before
    unique (calendar, period, revision),
    foreign key (calendar, period, revision) references publish.closed_period,
    check (num_nulls(calendar, period, revision) = case when release_id is null then 0 else 3 end)
);

insert into publish.chain_link (chain_no, release_id, previous_sha256, values_sha256, chain_sha256)
select
    r.chain_no,
    r.release_id,
    r.previous_sha256,
    r.values_sha256,
    r.chain_sha256
from publish.release as r;

alter table publish.release
drop column chain_no,
drop column previous_sha256,
drop column values_sha256,
drop column chain_sha256;

-- Revisions closed before there was a place for them follow in the order of their closing. What is hashed is what
-- cchc/publishing/chain.py hashes: the text of a jsonb array is the text of Python's json.dumps(…, ensure_ascii=False).
do $$
declare
    closed publish.closed_period;
    no integer := coalesce((select max(l.chain_no) from publish.chain_link as l), 0);
    previous text := coalesce(
        (select l.chain_sha256 from publish.chain_link as l order by l.chain_no desc limit 1), repeat('0', 64)
    );
    numbers text;
    dossiers text;
    sealed jsonb;
begin
    for closed in select c.* from publish.closed_period as c order by c.closed_at, c.calendar, c.period, c.revision
    loop
        no := no + 1;
        select encode(sha256(convert_to(coalesce(string_agg(n.line, E'\n' order by n.line collate "C"), ''), 'UTF8')), 'hex')
        into numbers
        from (
            select jsonb_build_array(
                v.unit_code, v.set_code, v.indicator_code, v.value, v.numerator, v.denominator, v.printed, v.reason,
                v.coverage, v.fresh_to
            )::text as line
            from publish.closed_value as v
            where v.calendar = closed.calendar and v.period = closed.period and v.revision = closed.revision
        ) as n;
        select encode(sha256(convert_to(coalesce(string_agg(u.line, E'\n' order by u.line collate "C"), ''), 'UTF8')), 'hex')
        into dossiers
        from (
            select d.unit_code || ' ' || encode(sha256(convert_to(string_agg(d.line, E'\n' order by d.line collate "C"), 'UTF8')), 'hex')
                as line
            from (
                select
                    r.unit_code,
                    jsonb_build_array(r.unit_code, r.source_code, r.dossier_code, encode(r.row_hash, 'hex'))::text as line
                from publish.closed_record as r
                where r.calendar = closed.calendar and r.period = closed.period and r.revision = closed.revision
            ) as d
            group by d.unit_code
        ) as u;
        sealed := jsonb_build_array(
            closed.calendar, closed.period, closed.revision, closed.period_from, closed.period_to, closed.reporting_day,
            closed.closed_at at time zone 'UTC', closed.closed_by, closed.note, closed.catalogue_sha256,
            closed.on_time_rules, closed.sources_expected, closed.sources_complete,
            (
                select jsonb_build_array(o.reopened_at at time zone 'UTC', o.reopened_by, o.reason)
                from publish.reopening as o
                where o.calendar = closed.calendar and o.period = closed.period and o.revision = closed.revision - 1
            )
        );
        sealed := jsonb_build_array(no) || sealed || jsonb_build_array(numbers, dossiers, previous);
        insert into publish.chain_link (
            chain_no, calendar, period, revision, previous_sha256, values_sha256, records_sha256, chain_sha256
        )
        values (
            no, closed.calendar, closed.period, closed.revision, previous, numbers, dossiers,
            encode(sha256(convert_to(sealed::text, 'UTF8')), 'hex')
        )
        returning chain_sha256 into previous;
    end loop;
end
$$;
