select max(reporting_day) as day from quality.scorecard
where reporting_day <= :until
