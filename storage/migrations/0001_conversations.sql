CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  user_id TEXT NOT NULL,
  user_name TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL DEFAULT 'bot',
  next_number INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL DEFAULT '{}',
  reference TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE TABLE activities (
  conversation_id TEXT NOT NULL REFERENCES conversations(id),
  number INTEGER NOT NULL,
  external_id TEXT,
  author TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  entry_id TEXT,
  version INTEGER,
  confidence DOUBLE PRECISION,
  created_at TEXT NOT NULL,
  PRIMARY KEY (conversation_id, number)
);
CREATE UNIQUE INDEX activities_external ON activities (conversation_id, external_id);
CREATE TABLE pending_turns (
  conversation_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (conversation_id, number)
);
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversations(id),
  number INTEGER NOT NULL,
  channel TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'queued',
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at TEXT NOT NULL,
  remote_id TEXT,
  error TEXT,
  created_at TEXT NOT NULL
);
CREATE INDEX outbox_due ON outbox (status, next_attempt_at);
CREATE TABLE ratings (
  conversation_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  entry_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  rating TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  PRIMARY KEY (conversation_id, number)
);
CREATE TABLE handoffs (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversations(id),
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  details TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE UNIQUE INDEX handoffs_open ON handoffs (conversation_id) WHERE status IN ('waiting', 'active');
CREATE TABLE knowledge_versions (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL,
  published_at TEXT NOT NULL
);
