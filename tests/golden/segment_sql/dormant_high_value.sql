WITH matched AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    properties,
    variant_extract(properties, $v9) AS p0,
    coalesce(variant_typeof(p0), 'VARIANT_NULL') AS p0k,
    CASE WHEN p0k = 'VARCHAR' THEN CAST(p0 AS VARCHAR) END AS p0s,
    CASE WHEN p0k = 'VARCHAR' THEN CASE WHEN regexp_full_match(CAST(p0 AS VARCHAR), '-?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(CAST(p0 AS VARCHAR) AS DOUBLE) END WHEN p0k IN ('VARIANT_NULL', 'BOOL_TRUE', 'BOOL_FALSE') OR starts_with(p0k, 'ARRAY') OR starts_with(p0k, 'OBJECT') THEN NULL ELSE TRY_CAST(p0 AS DOUBLE) END AS p0n,
    CASE WHEN starts_with(p0k, 'ARRAY') THEN list_transform(TRY_CAST(p0 AS VARIANT[]), lambda x: CASE WHEN variant_typeof(x) = 'VARCHAR' THEN CAST(x AS VARCHAR) END) END AS p0l
  FROM events
  WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $v1 AND name IN ($v0)
)
, measured AS (
  SELECT customer_id,
    sum(CASE WHEN abs(p0n) * 10000 <= 100000000000000.0 THEN CAST(round(p0n * 10000) AS BIGINT) END) FILTER (WHERE name = $v0 AND happened_us > $v1) AS m0,
    count(*) FILTER (WHERE name = $v0 AND happened_us > $v3) AS m1
  FROM matched GROUP BY customer_id
), people AS (
  SELECT * FROM measured WHERE (coalesce(m0, 0) >= $v2) AND (coalesce(m1, 0) = 0) AND (substr(sha256(concat($v7, ':', customer_id)), 1, 13) < $v8)
), words AS (
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
  WHERE name IN ($v10) AND happened_us <= $at AND customer_id IN (SELECT customer_id FROM people)
), said AS (
  SELECT customer_id,
    arg_max_null(vk, {'t': happened_us, 'o': log_offset}) AS t0k,
    arg_max_null(vs, {'t': happened_us, 'o': log_offset}) AS t0s,
    arg_max_null(vn, {'t': happened_us, 'o': log_offset}) AS t0n,
    arg_max_null(vl, {'t': happened_us, 'o': log_offset}) AS t0l
  FROM words GROUP BY customer_id
)
SELECT customer_id FROM people
  LEFT JOIN said USING (customer_id)
WHERE ((coalesce(m0, 0) >= $v2) AND (coalesce(m1, 0) = 0) AND (NOT coalesce((coalesce(t0k = $v4, false) OR coalesce(list_contains($v5, t0s), false) OR coalesce(t0n = $v6, false)), false)) AND (substr(sha256(concat($v7, ':', customer_id)), 1, 13) < $v8))
-- {"at": 1700000000000000, "v0": "Order Completed", "v1": 1668550400000000, "v2": 12000000, "v3": 1694816000000000, "v4": "BOOL_TRUE", "v5": ["Oslo", "true"], "v6": 7.0, "v7": "spring", "v8": "8000000000000", "v9": "revenue", "v10": "city"}
