CREATE TABLE desk_channels (
  id TEXT PRIMARY KEY,
  channel_id TEXT NOT NULL,
  service_url TEXT NOT NULL,
  set_by TEXT NOT NULL DEFAULT '',
  set_at TEXT NOT NULL
);
CREATE TABLE desk_threads (
  handoff_id TEXT PRIMARY KEY REFERENCES handoffs(id),
  conversation_id TEXT NOT NULL UNIQUE,
  activity_id TEXT NOT NULL,
  service_url TEXT NOT NULL,
  shown INTEGER NOT NULL,
  created_at TEXT NOT NULL
);
CREATE TABLE hub_conversations (
  handoff_id TEXT PRIMARY KEY REFERENCES handoffs(id),
  conversation_id TEXT NOT NULL UNIQUE,
  watermark TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL
);
CREATE TABLE hook_deliveries (
  id TEXT PRIMARY KEY,
  received_at TEXT NOT NULL
);
