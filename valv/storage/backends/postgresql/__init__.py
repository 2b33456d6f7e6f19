"""PostgreSQL, with tables that are partitioned by month."""
