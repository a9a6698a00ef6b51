CREATE TABLE imports (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL,
  name TEXT NOT NULL,
  base_version INTEGER NOT NULL,
  found TEXT NOT NULL,
  created_at TEXT NOT NULL
);
