drop table publish.public_counts;
