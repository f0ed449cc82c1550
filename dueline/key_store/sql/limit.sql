-- limit: what a tenant may ask for, from now on.
-- in   :tenant; :rate, :burst, :most_waiting (NULL: what the settings say)
INSERT INTO tenants (tenant, rate, burst, most_waiting)
VALUES (:tenant, :rate::double precision, :burst::integer, :most_waiting::integer)
    ON CONFLICT (tenant) DO UPDATE
   SET rate = excluded.rate, burst = excluded.burst, most_waiting = excluded.most_waiting
