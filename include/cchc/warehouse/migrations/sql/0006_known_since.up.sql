-- Since when core holds a row as it is: a load sets it where it inserts or changes a row. With core.change_history, whose
-- old rows carry theirs, it says what was known at any moment. Both take the load's own moment, so that one version begins
-- when the other ends.
alter table core.change_history alter column changed_at set default now();
create table ops.known_since_start (moment timestamptz primary key);
insert into ops.known_since_start values (now());
comment on table ops.known_since_start
is 'Rows known since exactly this moment were there before it; since when is not on record.';

-- The body is a text, read when it runs: one that is bound at its creation keeps the columns core.procedure had then.
create or replace function core.procedure_on(unit text, procedure text, on_day date) returns setof core.procedure
language sql stable rows 1
as $$
    select v.*
    from core.procedure as v
    where
        v.unit_code = procedure_on.unit
        and v.procedure_code = procedure_on.procedure
        and v.valid_from <= on_day
        and coalesce(v.valid_to, 'infinity') >= on_day
    order by v.valid_from desc, v.source_code asc
    limit 1
$$;

-- What is already there: a row has been so since its last change, or since the one load of the delivery that brought it.
-- A delivery loaded more than once, or in a rebuild, proves nothing: another load may have brought the row.
create temporary table loaded_once on commit drop as
select
    l.delivery_id,
    min(l.loaded_at) as loaded_at
from ops.load_ledger as l
inner join ops.run as r on l.run_id = r.run_id
group by l.delivery_id
having count(*) = 1 and bool_and(r.kind = 'sync');

update core.change_history as h
set old_row = h.old_row || jsonb_build_object('known_since', p.known_since)
from (
    select
        c.change_id,
        coalesce(
            case when lag(c.change) over version = 'update' then lag(c.changed_at) over version end,
            o.loaded_at,
            now()
        ) as known_since
    from core.change_history as c
    left join loaded_once as o on (c.old_row ->> 'delivery_id')::uuid = o.delivery_id
    window version as (
        partition by c.unit_code, c.dataset, c.old_row ->> 'source_code', c.record_key order by c.change_id
    )
) as p
where h.change_id = p.change_id;

do $$
declare
    fact record;
begin
    for fact in
        select *
        from (
            values
            ('dossier', 'f.dossier_code'),
            ('document', $k$f.direction || '|' || f.document_code$k$),
            (
                'document_status',
                $k$f.document_code || '|' || f.responder || '|' || f.status_code || '|' || f.status_at::text$k$
            ),
            ('procedure', $k$f.procedure_code || '|' || f.valid_from::text$k$),
            ('procedure_review', $k$f.procedure_code || '|' || f.reviewed_on::text$k$),
            ('petition', 'f.petition_code'),
            (
                'official_score',
                $k$f.department_code || '|' || f.group_code || '|' || f.component_code || '|' || f.period_from::text
                || '|' || f.period_to::text$k$
            ),
            (
                'reported_measure',
                $k$f.measure_code || '|' || f.period_from::text || '|' || f.period_to::text$k$
            )
        ) as t (dataset, record_key)
    loop
        execute replace(replace(
            $q$
            alter table core.@dataset add column known_since timestamptz;

            update core.@dataset as f
            set known_since = coalesce(
                (
                    select case when h.change = 'update' then h.changed_at end
                    from core.change_history as h
                    where
                        h.unit_code = f.unit_code and h.dataset = '@dataset' and h.record_key = @key
                        and h.old_row ->> 'source_code' = f.source_code
                    order by h.change_id desc
                    limit 1
                ),
                (select o.loaded_at from loaded_once as o where o.delivery_id = f.delivery_id),
                now()
            );

            alter table core.@dataset
            alter column known_since set default now(),
            alter column known_since set not null;

            comment on column core.@dataset.known_since is 'Since when the warehouse holds the row as it is.';
            $q$,
            '@dataset', fact.dataset
        ), '@key', fact.record_key);
    end loop;
end
$$;
