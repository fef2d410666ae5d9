WITH latest AS (
  SELECT customer_id,
    arg_max({'v': value}, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v5) AS latest_t0,
    arg_max({'v': value}, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v6) AS latest_t1,
    arg_max({'v': value}, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v7) AS latest_t2
  FROM trait_words
  WHERE name IN ($v5, $v6, $v7) AND happened_us <= $at GROUP BY customer_id
), said AS (
  SELECT customer_id,
    latest_t0.v AS t0,
    coalesce(variant_typeof(t0), 'VARIANT_NULL') AS t0k,
    CASE WHEN t0k = 'VARCHAR' THEN CAST(t0 AS VARCHAR) END AS t0s,
    CASE WHEN t0k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(t0 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(t0 AS VARCHAR) AS DOUBLE) END WHEN t0k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(t0k, 'ARRAY') OR starts_with(t0k, 'OBJECT') THEN NULL ELSE TRY_CAST(t0 AS DOUBLE) END AS t0n,
    CASE WHEN starts_with(t0k, 'ARRAY') THEN list_transform(TRY_CAST(t0 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS t0l,
    latest_t1.v AS t1,
    coalesce(variant_typeof(t1), 'VARIANT_NULL') AS t1k,
    CASE WHEN t1k = 'VARCHAR' THEN CAST(t1 AS VARCHAR) END AS t1s,
    CASE WHEN t1k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(t1 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(t1 AS VARCHAR) AS DOUBLE) END WHEN t1k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(t1k, 'ARRAY') OR starts_with(t1k, 'OBJECT') THEN NULL ELSE TRY_CAST(t1 AS DOUBLE) END AS t1n,
    CASE WHEN starts_with(t1k, 'ARRAY') THEN list_transform(TRY_CAST(t1 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS t1l,
    latest_t2.v AS t2,
    coalesce(variant_typeof(t2), 'VARIANT_NULL') AS t2k,
    CASE WHEN t2k = 'VARCHAR' THEN CAST(t2 AS VARCHAR) END AS t2s,
    CASE WHEN t2k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(t2 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(t2 AS VARCHAR) AS DOUBLE) END WHEN t2k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(t2k, 'ARRAY') OR starts_with(t2k, 'OBJECT') THEN NULL ELSE TRY_CAST(t2 AS DOUBLE) END AS t2n,
    CASE WHEN starts_with(t2k, 'ARRAY') THEN list_transform(TRY_CAST(t2 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS t2l
  FROM latest
), r0 AS (
  SELECT customer_id, true AS r0 FROM (
    SELECT customer_id, row_number() OVER (ORDER BY t0n DESC, customer_id) AS place, count(*) OVER () AS people
    FROM said WHERE t0n IS NOT NULL
  ) WHERE place <= (people * $v8 + 9999) // 10000
), people AS (
  SELECT customer_id FROM said UNION SELECT customer_id FROM r0
)
SELECT customer_id FROM people
  LEFT JOIN said USING (customer_id)
  LEFT JOIN r0 USING (customer_id)
WHERE (coalesce(r0, false) AND coalesce(abs(t1n) <= 90 AND abs(t2n) <= 180 AND sin((t1n - $v1) * $v0 / 2) * sin((t1n - $v1) * $v0 / 2) + cos(t1n * $v0) * $v3 * (sin((t2n - $v2) * $v0 / 2) * sin((t2n - $v2) * $v0 / 2)) <= $v4, false))
-- {"at": 1700000000000000, "v0": 0.017453292519943295, "v1": 59.9, "v2": 10.7, "v3": 0.5015107371594574, "v4": 1.5397974112434644e-07, "v5": "points", "v6": "lat", "v7": "lng", "v8": 1000}
