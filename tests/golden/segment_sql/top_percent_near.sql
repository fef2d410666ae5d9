WITH words AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    value AS v,
    coalesce(variant_typeof(v), 'VARIANT_NULL') AS vk,
    CASE WHEN vk = 'VARCHAR' THEN CAST(v AS VARCHAR) END AS vs,
    CASE WHEN vk = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(v AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(v AS VARCHAR) AS DOUBLE) END WHEN vk IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(vk, 'ARRAY') OR starts_with(vk, 'OBJECT') THEN NULL ELSE TRY_CAST(v AS DOUBLE) END AS vn,
    CASE WHEN starts_with(vk, 'ARRAY') THEN list_transform(TRY_CAST(v AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS vl
  FROM trait_words
  WHERE name IN ($v5, $v6, $v7) AND happened_us <= $at
), said AS (
  SELECT customer_id,
    arg_max_null(vk, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v5) AS t0k,
    arg_max_null(vs, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v5) AS t0s,
    arg_max_null(vn, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v5) AS t0n,
    arg_max_null(vl, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v5) AS t0l,
    arg_max_null(vk, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v6) AS t1k,
    arg_max_null(vs, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v6) AS t1s,
    arg_max_null(vn, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v6) AS t1n,
    arg_max_null(vl, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v6) AS t1l,
    arg_max_null(vk, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v7) AS t2k,
    arg_max_null(vs, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v7) AS t2s,
    arg_max_null(vn, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v7) AS t2n,
    arg_max_null(vl, {'t': happened_us, 'o': log_offset}) FILTER (WHERE name = $v7) AS t2l
  FROM words GROUP BY customer_id
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
