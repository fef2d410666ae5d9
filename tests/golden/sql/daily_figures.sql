-- $as_of = 1514808000000000
-- $currency = 'USD'
-- $since = 1514696400000000
-- $starts = [1514696400000000, 1514782800000000]
WITH days AS (SELECT unnest($starts) AS start),
happened AS (
  SELECT d.start, count(*) FILTER (WHERE e.source_id <> 'homing') AS events,
    count(DISTINCT e.customer_id) FILTER (WHERE e.source_id <> 'homing') AS customers,
    count(*) FILTER (WHERE e.kind = 'track' AND e.name = 'Order Completed') AS orders,
    sum(e.revenue) FILTER (WHERE e.kind = 'track' AND e.name = 'Order Completed'
      AND coalesce(e.currency, $currency) = $currency) AS revenue
  FROM events e ASOF JOIN days d ON e.happened_us >= d.start
  WHERE e.happened_us BETWEEN $since AND $as_of GROUP BY d.start
),
moments AS (
  SELECT 'sent' AS what, accepted_us AS at_us FROM send_fact WHERE accepted_us BETWEEN $since AND $as_of
  UNION ALL SELECT 'opened', opened_us FROM send_fact WHERE opened_us BETWEEN $since AND $as_of
  UNION ALL SELECT 'clicked', clicked_us FROM send_fact WHERE clicked_us BETWEEN $since AND $as_of
),
messages AS (
  SELECT d.start, count(*) FILTER (WHERE what = 'sent') AS sent, count(*) FILTER (WHERE what = 'opened') AS opened,
    count(*) FILTER (WHERE what = 'clicked') AS clicked
  FROM moments m ASOF JOIN days d ON m.at_us >= d.start GROUP BY d.start
)
SELECT d.start, coalesce(h.events, 0), coalesce(h.customers, 0), coalesce(h.orders, 0),
  CAST(coalesce(h.revenue, 0) AS DOUBLE), coalesce(m.sent, 0), coalesce(m.opened, 0), coalesce(m.clicked, 0)
FROM days d LEFT JOIN happened h USING (start) LEFT JOIN messages m USING (start)
ORDER BY d.start
