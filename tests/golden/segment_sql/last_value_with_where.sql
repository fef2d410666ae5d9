WITH matched AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    properties,
    variant_extract(properties, $v3) AS p0,
    coalesce(variant_typeof(p0), 'VARIANT_NULL') AS p0k,
    CASE WHEN p0k = 'VARCHAR' THEN CAST(p0 AS VARCHAR) END AS p0s,
    CASE WHEN p0k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(p0 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(p0 AS VARCHAR) AS DOUBLE) END WHEN p0k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(p0k, 'ARRAY') OR starts_with(p0k, 'OBJECT') THEN NULL ELSE TRY_CAST(p0 AS DOUBLE) END AS p0n,
    CASE WHEN starts_with(p0k, 'ARRAY') THEN list_transform(TRY_CAST(p0 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS p0l,
    variant_extract(properties, $v4) AS p1,
    coalesce(variant_typeof(p1), 'VARIANT_NULL') AS p1k,
    CASE WHEN p1k = 'VARCHAR' THEN CAST(p1 AS VARCHAR) END AS p1s,
    CASE WHEN p1k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(p1 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(p1 AS VARCHAR) AS DOUBLE) END WHEN p1k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(p1k, 'ARRAY') OR starts_with(p1k, 'OBJECT') THEN NULL ELSE TRY_CAST(p1 AS DOUBLE) END AS p1n,
    CASE WHEN starts_with(p1k, 'ARRAY') THEN list_transform(TRY_CAST(p1 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS p1l
  FROM events
  WHERE customer_id IS NOT NULL AND happened_us <= $at AND name IN ($v0)
)
, measured AS (
  SELECT customer_id,
    arg_max({'k': p1k, 's': p1s, 'n': p1n, 'l': p1l}, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v0 AND (p0k <> 'VARIANT_NULL' AND NOT (coalesce(p0s = $v1, false)))) AS m0
  FROM matched GROUP BY customer_id
), people AS (
  SELECT customer_id FROM measured
)
SELECT customer_id FROM people
  LEFT JOIN measured USING (customer_id)
WHERE (m0 IS NOT NULL AND coalesce(coalesce(contains(m0.s, $v2) OR list_contains(m0.l, $v2), false), false))
-- {"at": 1700000000000000, "v0": "Order Completed", "v1": "x'; DROP TABLE events --", "v2": "SPRING", "v3": "a \"quoted\" name", "v4": "coupon"}
