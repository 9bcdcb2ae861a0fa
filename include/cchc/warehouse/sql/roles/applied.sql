-- Whether roles were set up in this database.
select coalesce(bool_or(p.policyname = 'cchc_all'), false) from pg_policies as p
