-- The statements that bring comments to what is said; only where they differ, and of what this role owns.
with said as (
    select
        s.table_name,
        s.column_name,
        s.description,
        n.oid as schema_oid,
        n.nspname,
        n.nspowner
    from jsonb_to_recordset(cast(:said as jsonb)) as s (
            schema_name text, table_name text, column_name text, description text
        )
    inner join pg_namespace as n on s.schema_name = n.nspname
),

of_table as (
    select
        s.*,
        c.oid,
        c.relname,
        c.relkind
    from said as s
    inner join pg_class as c on s.schema_oid = c.relnamespace and s.table_name = c.relname
    where pg_has_role(c.relowner, 'usage')
)

select format('comment on schema %I is %L', nspname, description)
from said
where
    table_name is null
    and pg_has_role(nspowner, 'usage')
    and obj_description(schema_oid, 'pg_namespace') is distinct from description
union all
select
    format(
        'comment on %s %I.%I is %L',
        case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
        nspname,
        relname,
        description
    )
from of_table
where column_name is null and obj_description(oid, 'pg_class') is distinct from description
union all
select format('comment on column %I.%I.%I is %L', t.nspname, t.relname, a.attname, t.description)
from of_table as t
inner join pg_attribute as a on t.oid = a.attrelid and t.column_name = a.attname and not a.attisdropped
where col_description(t.oid, a.attnum) is distinct from t.description
