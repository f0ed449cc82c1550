-- limits: what each tenant may ask for, of those that have limits of their own.
-- out  rows, by tenant: tenant; rate, burst, most_waiting (NULL: what the settings say)
SELECT tenant, rate::text, burst::text, most_waiting::text
  FROM tenants
 ORDER BY tenant
