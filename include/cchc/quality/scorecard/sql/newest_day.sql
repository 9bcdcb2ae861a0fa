select max(reporting_day) as day from quality.scorecard
