insert into ops.unit_login (login, unit_code) values (:login, :unit_code)
