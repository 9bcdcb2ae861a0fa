delete from ops.unit_login
where login = :login
