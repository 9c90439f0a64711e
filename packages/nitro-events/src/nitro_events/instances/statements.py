"""What is asked of PostgreSQL; ``{table}`` stands for the table of the log."""

from __future__ import annotations

__all__ = [
    "BEGIN",
    "COLUMNS",
    "CREATE",
    "DURABLY",
    "KNOWN",
    "LOCK",
    "PUT",
    "STANDING",
    "TRIM",
]

COLUMNS = "id, epoch, sender, number, head, data, seal"

CREATE = """
CREATE TABLE IF NOT EXISTS {table} (
    id bigint PRIMARY KEY,
    epoch text NOT NULL,
    sender text NOT NULL,
    number bigint NOT NULL,
    head bytea NOT NULL,
    data bytea NOT NULL,
    seal bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS {table}_by_sender ON {table} (sender, number)
"""
# Otherwise a server that crashes forgets what it has promised and what some have read already.
DURABLY = """
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') = 'off'
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtext('nitro_live'), hashtext(%s))"
KNOWN = """
SELECT newest.id, newest.epoch, (SELECT max(number) FROM {table} WHERE sender = %s)
FROM (SELECT id, epoch FROM {table} ORDER BY id DESC LIMIT 1) AS newest
"""
PUT = """
INSERT INTO {table} (id, epoch, sender, number, head, data, seal)
SELECT %s + row_number() OVER (ORDER BY one.number), %s, %s, one.*
FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])
     AS one(number, head, data, seal)
"""
BEGIN = """
INSERT INTO {table} (id, epoch, sender, number, head, data, seal)
VALUES (
    greatest(%s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint), %s, '', 0, '', '', ''
)
RETURNING id
"""
STANDING = """
SELECT (SELECT min(id) FROM {table}), (SELECT min(id) FROM {table} WHERE epoch = newest.epoch),
       newest.*
FROM (SELECT id, epoch, sender, number FROM {table} ORDER BY id DESC LIMIT 1) AS newest
"""
# The young ones stay in any case: by them it is known what is sent again after a lost answer.
TRIM = """
DELETE FROM {table} WHERE at < now() - interval '1 minute' AND (
    id <= (SELECT max(id) FROM {table}) - %s
    OR at < now() - interval '1 day' AND id < (SELECT max(id) FROM {table}))
"""
