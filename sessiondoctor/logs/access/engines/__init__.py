"""The same counts by engines that speak SQL: DuckDB inside, and the user's own Spark, ClickHouse or Trino."""
