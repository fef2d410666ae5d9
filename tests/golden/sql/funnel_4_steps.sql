-- $as_of = 1514808000000000
-- $since = 0
-- $step1 = 'Product Viewed'
-- $step2 = 'Product Added'
-- $step3 = 'Checkout Started'
-- $step4 = 'Order Completed'
-- $window = 604800000000
WITH l1 AS MATERIALIZED (
  SELECT customer_id, ts, o, ts AS start, ts AS before FROM (
  SELECT customer_id, happened_us AS ts, log_offset AS o FROM events
  WHERE name = $step1 AND customer_id IS NOT NULL AND happened_us BETWEEN $since AND $as_of)
),
l2 AS MATERIALIZED (
  SELECT e.customer_id, e.ts, e.o, l.start, l.ts AS before FROM (
  SELECT customer_id, happened_us AS ts, log_offset AS o FROM events
  WHERE name = $step2 AND customer_id IS NOT NULL AND happened_us BETWEEN $since AND $as_of) e
  ASOF JOIN l1 l ON e.customer_id = l.customer_id AND e.ts >= l.ts
  WHERE e.ts - l.start <= $window
),
l3 AS MATERIALIZED (
  SELECT e.customer_id, e.ts, e.o, l.start, l.ts AS before FROM (
  SELECT customer_id, happened_us AS ts, log_offset AS o FROM events
  WHERE name = $step3 AND customer_id IS NOT NULL AND happened_us BETWEEN $since AND $as_of) e
  ASOF JOIN l2 l ON e.customer_id = l.customer_id AND e.ts >= l.ts
  WHERE e.ts - l.start <= $window
),
l4 AS MATERIALIZED (
  SELECT e.customer_id, e.ts, e.o, l.start, l.ts AS before FROM (
  SELECT customer_id, happened_us AS ts, log_offset AS o FROM events
  WHERE name = $step4 AND customer_id IS NOT NULL AND happened_us BETWEEN $since AND $as_of) e
  ASOF JOIN l3 l ON e.customer_id = l.customer_id AND e.ts >= l.ts
  WHERE e.ts - l.start <= $window
)
SELECT 1 AS step, count(*) AS people, median(gap) AS gap FROM (
  SELECT customer_id, arg_min(ts - before, (ts, o)) AS gap FROM l1 GROUP BY customer_id)
UNION ALL
SELECT 2 AS step, count(*) AS people, median(gap) AS gap FROM (
  SELECT customer_id, arg_min(ts - before, (ts, o)) AS gap FROM l2 GROUP BY customer_id)
UNION ALL
SELECT 3 AS step, count(*) AS people, median(gap) AS gap FROM (
  SELECT customer_id, arg_min(ts - before, (ts, o)) AS gap FROM l3 GROUP BY customer_id)
UNION ALL
SELECT 4 AS step, count(*) AS people, median(gap) AS gap FROM (
  SELECT customer_id, arg_min(ts - before, (ts, o)) AS gap FROM l4 GROUP BY customer_id)
ORDER BY step
