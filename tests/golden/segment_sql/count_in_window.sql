WITH matched AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    properties
  FROM events
  WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $v1 AND name IN ($v0)
)
, measured AS (
  SELECT customer_id,
    count(*) FILTER (WHERE name = $v0 AND happened_us > $v1) AS m0
  FROM matched GROUP BY customer_id
), people AS (
  SELECT customer_id FROM measured
)
SELECT customer_id FROM people
  LEFT JOIN measured USING (customer_id)
WHERE (coalesce(m0, 0) >= $v2)
-- {"at": 1700000000000000, "v0": "Order Completed", "v1": 1697408000000000, "v2": 3}
