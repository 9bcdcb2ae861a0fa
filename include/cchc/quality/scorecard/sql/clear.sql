delete from quality.scorecard
where reporting_day = :last_day
