drop table quality.scorecard;
