-- The night's deliveries of round :round, staged: 40,000 changed and 10,000 new dossiers. Of the changed 95 in 100 are of the
-- last two months (250,000 dossiers), the others of all earlier ones. One in process ends; of one that ended a fact changes.
create temporary table wanted on commit drop as
select
    d.*,
    false as is_new
from (
    select k.*
    from bench.known as k
    where k.dossier_no > :size - 250000
    order by hashint8extended(k.dossier_no, :round)
    limit 38000
) as k
inner join core.dossier as d
    on k.unit_code = d.unit_code and k.source_code = d.source_code and k.dossier_code = d.dossier_code
union all
select
    d.*,
    false as is_new
from (
    select k.*
    from bench.known as k
    where k.dossier_no <= :size - 250000
    order by hashint8extended(k.dossier_no, :round)
    limit 2000
) as k
inner join core.dossier as d
    on k.unit_code = d.unit_code and k.source_code = d.source_code and k.dossier_code = d.dossier_code
union all
select
    d.*,
    true as is_new
from (
    select k.*
    from bench.known as k
    order by k.dossier_no desc
    limit 10000
) as k
inner join core.dossier as d
    on k.unit_code = d.unit_code and k.source_code = d.source_code and k.dossier_code = d.dossier_code;

update wanted
set
    electronic_result = not electronic_result,
    status = case when status in ('processing', 'supplement') then 'returned' else status end,
    finished_at = case when status in ('processing', 'supplement') then timestamptz '2026-11-14 10:00+07' else finished_at end,
    returned_at = case
        when status in ('processing', 'supplement') then timestamptz '2026-11-14 11:00+07'
        else returned_at + interval '1 hour'
    end,
    row_hash = decode(md5(dossier_code || :round), 'hex')
where not is_new;

update wanted
set
    dossier_code = dossier_code || '-' || :round,
    status = 'processing',
    received_at = received_at + interval '1 day',
    due_at = due_at + interval '1 day',
    finished_at = null,
    returned_at = null,
    supplement_at = null,
    supplement_completed_at = null,
    supplement_requests = null,
    apology_at = null,
    row_hash = decode(md5(dossier_code || 'new' || :round), 'hex')
where is_new;

insert into landing.delivery (
    delivery_id, unit_code, source_code, dataset, window_from, window_to, path, sha256, bytes, received, refused, landed,
    profile_code, pulled_at
)
select
    md5(w.source_code || :round)::uuid,
    w.unit_code,
    w.source_code,
    'dossier',
    date '2026-10-15',
    date '2026-11-14',
    '',
    '',
    0,
    count(*),
    0,
    count(*),
    '',
    timestamptz '2026-11-15 01:30+07' + :round * interval '1 day'
from wanted as w
group by w.unit_code, w.source_code;

insert into landing.run_delivery (run_id, delivery_id)
select distinct
    cast(:run_id as uuid),
    md5(w.source_code || :round)::uuid
from wanted as w;

insert into stg.dossier (run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, {columns})
select
    :run_id,
    md5(w.source_code || :round)::uuid,
    row_number() over (partition by w.source_code order by w.dossier_code),
    '1',
    w.unit_code,
    w.source_code,
    w.row_hash,
    {columns}
from wanted as w
