insert into core.unit_edge (predecessor, successor, effective, evidence)
values (:predecessor, :successor, :effective, :evidence)
on conflict (predecessor, successor, effective) do update set evidence = excluded.evidence
