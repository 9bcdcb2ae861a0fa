insert into quality.scorecard (unit_code, dimension, reporting_day, nights, numerator, denominator, oldest_nights)
values (:unit_code, :dimension, :last_day, :nights, :numerator, :denominator, :oldest_nights)
