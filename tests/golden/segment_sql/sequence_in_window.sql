WITH matched AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    properties,
    variant_extract(properties, $v6) AS p0,
    coalesce(variant_typeof(p0), 'VARIANT_NULL') AS p0k,
    CASE WHEN p0k = 'VARCHAR' THEN CAST(p0 AS VARCHAR) END AS p0s,
    CASE WHEN p0k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(p0 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(p0 AS VARCHAR) AS DOUBLE) END WHEN p0k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(p0k, 'ARRAY') OR starts_with(p0k, 'OBJECT') THEN NULL ELSE TRY_CAST(p0 AS DOUBLE) END AS p0n,
    CASE WHEN starts_with(p0k, 'ARRAY') THEN list_transform(TRY_CAST(p0 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS p0l
  FROM events
  WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $v3 AND name IN ($v0, $v1)
)
, q0_0 AS (
  SELECT customer_id, happened_us, log_offset, CASE WHEN name = $v0 THEN happened_us END AS c0, name = $v1 AND coalesce(p0n >= $v2, false) AS s1
  FROM matched WHERE happened_us > $v3 AND ((name = $v0) OR (name = $v1 AND coalesce(p0n >= $v2, false)))
), q0_1 AS (
  SELECT *, CASE WHEN s1 THEN greatest(max(c0) OVER (PARTITION BY customer_id ORDER BY happened_us RANGE BETWEEN $v4 PRECEDING AND 1 PRECEDING),
    max(c0) OVER (PARTITION BY customer_id, happened_us ORDER BY log_offset ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) END AS c1
  FROM q0_0
), q0 AS (
  SELECT DISTINCT customer_id, true AS q0
  FROM q0_1 WHERE c1 IS NOT NULL AND happened_us - c1 <= $v5
), people AS (
  SELECT customer_id FROM q0
)
SELECT customer_id FROM people
  LEFT JOIN q0 USING (customer_id)
WHERE coalesce(q0, false)
-- {"at": 1700000000000000, "v0": "Product Viewed", "v1": "Order Completed", "v2": 10.0, "v3": 1699395200000000, "v4": 86400000000, "v5": 172800000000, "v6": "revenue"}
