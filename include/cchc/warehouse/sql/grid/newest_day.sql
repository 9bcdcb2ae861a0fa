select max(reporting_day) from ops.run where kind = 'sync'
