-- $as_of = 1514808000000000
-- $currency = 'USD'
WITH sums AS MATERIALIZED (
  SELECT customer_id, ($as_of - max(happened_us)) // 86400000000 AS recency_days, count(*) AS orders,
    sum(coalesce(revenue, 0)) AS spent
  FROM events
  WHERE kind = 'track' AND name = 'Order Completed' AND customer_id IS NOT NULL AND happened_us <= $as_of
    AND coalesce(currency, $currency) = $currency
  GROUP BY customer_id
), limits AS (
  SELECT count(*) AS people, quantile_disc(-recency_days, [0.2, 0.4, 0.6, 0.8]) AS r, quantile_disc(orders, [0.2, 0.4, 0.6, 0.8]) AS f,
    quantile_disc(spent, [0.2, 0.4, 0.6, 0.8]) AS m
  FROM sums
)
SELECT customer_id, recency_days, orders, CAST(spent AS DOUBLE) AS revenue,
  1 + CAST(-recency_days > limits.r[1] AS BIGINT) + CAST(-recency_days > limits.r[2] AS BIGINT) + CAST(-recency_days > limits.r[3] AS BIGINT) + CAST(-recency_days > limits.r[4] AS BIGINT) AS r,
  1 + CAST(orders > limits.f[1] AS BIGINT) + CAST(orders > limits.f[2] AS BIGINT) + CAST(orders > limits.f[3] AS BIGINT) + CAST(orders > limits.f[4] AS BIGINT) AS f,
  1 + CAST(spent > limits.m[1] AS BIGINT) + CAST(spent > limits.m[2] AS BIGINT) + CAST(spent > limits.m[3] AS BIGINT) + CAST(spent > limits.m[4] AS BIGINT) AS m
FROM sums, limits
ORDER BY customer_id
