ALTER TABLE handoffs ADD COLUMN waiting_since TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN place_since TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN told_next INTEGER NOT NULL DEFAULT 0;
UPDATE handoffs SET
  waiting_since = COALESCE((SELECT MAX(c.at) FROM handoff_changes c
    WHERE c.handoff_id = handoffs.id AND c.to_status = 'waiting' AND c.from_status <> 'waiting'),
    created_at),
  place_since = COALESCE((SELECT MAX(c.at) FROM handoff_changes c
    WHERE c.handoff_id = handoffs.id AND c.action = 'reopen'), created_at);
