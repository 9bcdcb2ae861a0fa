-- How good the data of each unit is, as each night saw it over the nights up to it. Nothing to judge: a denominator of 0,
-- which is no share. For officers; nothing that is published reads it.
create table quality.scorecard (
    unit_code text not null,
    dimension text not null, -- as in quality/scorecard/dimensions.yaml
    reporting_day date not null, -- the last night of the span
    nights integer not null check (nights > 0), -- how many nights the span has
    numerator bigint not null,
    denominator bigint not null,
    oldest_nights integer, -- of corrections: how long the oldest open row has waited
    primary key (unit_code, dimension, reporting_day),
    check (numerator between 0 and denominator)
);
create index scorecard_by_day on quality.scorecard (reporting_day);
