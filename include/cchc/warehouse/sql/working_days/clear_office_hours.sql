delete from core.office_hours
