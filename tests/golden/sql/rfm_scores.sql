-- $as_of = 1514808000000000
-- $currency = 'USD'
WITH sums AS (
  SELECT customer_id, ($as_of - max(happened_us)) // 86400000000 AS recency_days, count(*) AS orders,
    sum(coalesce(revenue, 0)) AS spent
  FROM events
  WHERE kind = 'track' AND name = 'Order Completed' AND customer_id IS NOT NULL AND happened_us <= $as_of
    AND coalesce(currency, $currency) = $currency
  GROUP BY customer_id
)
SELECT customer_id, recency_days, orders, CAST(spent AS DOUBLE) AS revenue,
  1 + 5 * (rank() OVER (ORDER BY recency_days DESC) - 1) // count(*) OVER () AS r,
  1 + 5 * (rank() OVER (ORDER BY orders) - 1) // count(*) OVER () AS f,
  1 + 5 * (rank() OVER (ORDER BY spent) - 1) // count(*) OVER () AS m
FROM sums
ORDER BY customer_id
