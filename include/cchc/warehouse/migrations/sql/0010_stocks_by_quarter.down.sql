drop table mart.measure_quarter;
drop table core.stock_measure;
