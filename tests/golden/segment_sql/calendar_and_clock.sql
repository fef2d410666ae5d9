WITH days AS (
  SELECT unnest($v4) AS zone, unnest($v5) AS w0b, unnest($v6) AS w0e
), zoned AS (
  SELECT customer_id, zone FROM (
    SELECT customer_id, CASE WHEN variant_typeof(said.v) = 'VARCHAR' THEN CAST(said.v AS VARCHAR) END AS zone FROM (SELECT customer_id, arg_max({'v': value}, {'t': happened_us, 'o': log_offset}).v AS v FROM trait_words WHERE name = $v7 AND happened_us <= $at GROUP BY customer_id) AS said
  ) WHERE list_contains($v8, zone)
), shifts AS (
  SELECT unnest($v4) AS zone, unnest($v9) AS from_us, unnest($v10) AS until_us, unnest($v11) AS shift_us
), matched AS (
  SELECT customer_id,
    name,
    happened_us,
    log_offset,
    properties,
    days.w0b AS w0b,
    days.w0e AS w0e,
    happened_us + shifts.shift_us AS local_us
  FROM events
  LEFT JOIN zoned USING (customer_id)
  JOIN days ON days.zone = coalesce(zoned.zone, $v3)
  LEFT JOIN shifts ON shifts.zone = days.zone AND happened_us >= shifts.from_us AND happened_us < shifts.until_us
  WHERE customer_id IS NOT NULL AND happened_us <= $at AND happened_us > $v2 AND name IN ($v0)
)
, measured AS (
  SELECT customer_id,
    count(*) FILTER (WHERE name = $v0 AND happened_us >= w0b AND happened_us < w0e AND (((local_us - ((local_us % 86400000000 + 86400000000) % 86400000000)) // 86400000000 + 3) % 7 + 7) % 7 IN (4, 5) AND (((local_us % 86400000000 + 86400000000) % 86400000000) >= 64800000000 OR ((local_us % 86400000000 + 86400000000) % 86400000000) < 7200000000)) AS m0
  FROM matched GROUP BY customer_id
), people AS (
  SELECT customer_id FROM measured
)
SELECT customer_id FROM people
  LEFT JOIN measured USING (customer_id)
WHERE (coalesce(m0, 0) >= $v1)
-- {"at": 1700000000000000, "v0": "Order Completed", "v1": 2, "v2": 1699804799999999, "v3": "UTC", "v4": ["UTC", "Asia/Shanghai"], "v5": [1699833600000000, 1699804800000000], "v6": [1700438400000000, 1700409600000000], "v7": "timezone", "v8": ["Asia/Shanghai"], "v9": [1672531200000000, 1672531200000000], "v10": [4611686018427387904, 4611686018427387904], "v11": [0, 28800000000]}
