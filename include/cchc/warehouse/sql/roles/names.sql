-- A statement about a role or database, which takes no values: its parts quoted as names (%I) and texts (%L).
select format(cast(:form as text), variadic cast(:parts as text[]))
