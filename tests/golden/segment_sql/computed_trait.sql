WITH stored AS (
  SELECT customer_id,
    variant_extract(traits, $v1) AS t0,
    coalesce(variant_typeof(t0), 'VARIANT_NULL') AS t0k,
    CASE WHEN t0k = 'VARCHAR' THEN CAST(t0 AS VARCHAR) END AS t0s,
    CASE WHEN t0k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(t0 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(t0 AS VARCHAR) AS DOUBLE) END WHEN t0k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(t0k, 'ARRAY') OR starts_with(t0k, 'OBJECT') THEN NULL ELSE TRY_CAST(t0 AS DOUBLE) END AS t0n,
    CASE WHEN starts_with(t0k, 'ARRAY') THEN list_transform(TRY_CAST(t0 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS t0l
  FROM customers WHERE first_seen_us <= $at
), people AS (
  SELECT customer_id FROM stored
)
SELECT customer_id FROM people
  LEFT JOIN stored USING (customer_id)
WHERE coalesce((coalesce(t0s = $v0, false)), false)
-- {"at": 1700000000000000, "v0": "dormant", "v1": "lifecycle_stage"}
