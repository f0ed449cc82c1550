-- What the current schema of the database is made of: a name, and what makes it what it is.
-- Reads the catalogs alone. Two databases are alike where each name means the same in both.
SELECT 'column ' || relname || '.' || attname AS name,
       format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END
       || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '') AS meaning
  FROM pg_class
  JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
UNION ALL
SELECT 'constraint ' || conname, pg_get_constraintdef(pg_constraint.oid)
  FROM pg_constraint
 WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index ' || relname,
       replace(pg_get_indexdef(indexrelid), quote_ident(current_schema()) || '.', '')
  FROM pg_index
  JOIN pg_class ON pg_class.oid = indexrelid
 WHERE relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'policy ' || policyname || ' on ' || tablename, coalesce(qual, '')
  FROM pg_policies
 WHERE schemaname = current_schema()
 ORDER BY 1
