ALTER TABLE conversations ADD COLUMN tenure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN reopen_until TEXT NOT NULL DEFAULT '';
CREATE TABLE outgoing (
  id TEXT PRIMARY KEY,
  lane TEXT NOT NULL,
  number INTEGER NOT NULL,
  channel TEXT NOT NULL,
  conversation_id TEXT REFERENCES conversations(id),
  payload TEXT NOT NULL DEFAULT '{}',
  repeatable INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'queued',
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT NOT NULL,
  taken_at TEXT NOT NULL DEFAULT '',
  remote_id TEXT,
  error TEXT,
  created_at TEXT NOT NULL
);
INSERT INTO outgoing (id, lane, number, channel, conversation_id, status, attempts,
  next_attempt_at, taken_at, remote_id, error, created_at)
  SELECT id, conversation_id, number, channel, conversation_id, status, attempts,
  next_attempt_at, created_at, remote_id, error, created_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outgoing RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (status, next_attempt_at);
CREATE INDEX outbox_lane ON outbox (lane, number);
ALTER TABLE handoffs ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handoffs ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN role TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN widened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handoffs ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handoffs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE handoffs ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
ALTER TABLE handoffs ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN agent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN agent_name TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN claimed_in TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN snoozed_until TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN claimed_at TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN replied_at TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN closed_at TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN disposition TEXT NOT NULL DEFAULT '';
ALTER TABLE handoffs ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE INDEX handoffs_status ON handoffs (status, created_at);
CREATE INDEX handoffs_conversation ON handoffs (conversation_id, created_at);
CREATE TABLE handoff_changes (
  handoff_id TEXT NOT NULL REFERENCES handoffs(id),
  revision INTEGER NOT NULL,
  at TEXT NOT NULL,
  person_id TEXT NOT NULL,
  person_name TEXT NOT NULL,
  action TEXT NOT NULL,
  from_status TEXT NOT NULL,
  to_status TEXT NOT NULL,
  details TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (handoff_id, revision)
);
CREATE TABLE handoff_notes (
  id TEXT PRIMARY KEY,
  handoff_id TEXT NOT NULL REFERENCES handoffs(id),
  conversation_id TEXT NOT NULL REFERENCES conversations(id),
  after_number INTEGER NOT NULL,
  person_id TEXT NOT NULL,
  person_name TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at TEXT NOT NULL
);
CREATE INDEX handoff_notes_conversation ON handoff_notes (conversation_id, created_at);
CREATE TABLE escalations (
  id TEXT PRIMARY KEY,
  handoff_id TEXT NOT NULL REFERENCES handoffs(id),
  conversation_id TEXT NOT NULL REFERENCES conversations(id),
  vehicle TEXT NOT NULL,
  reference TEXT NOT NULL DEFAULT '',
  asked TEXT NOT NULL,
  status TEXT NOT NULL,
  person_id TEXT NOT NULL,
  person_name TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX escalations_status ON escalations (status, created_at);
CREATE TABLE help_ratings (
  handoff_id TEXT PRIMARY KEY REFERENCES handoffs(id),
  score INTEGER NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
);
CREATE TABLE proposals (
  id TEXT PRIMARY KEY,
  handoff_id TEXT NOT NULL REFERENCES handoffs(id),
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  language TEXT NOT NULL,
  person_id TEXT NOT NULL,
  person_name TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'open',
  created_at TEXT NOT NULL
);
CREATE TABLE presence (
  person_id TEXT PRIMARY KEY,
  person_name TEXT NOT NULL,
  roles TEXT NOT NULL DEFAULT '[]',
  status TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  seen_at TEXT NOT NULL
);
