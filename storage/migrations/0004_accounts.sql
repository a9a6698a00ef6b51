CREATE TABLE people (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  login TEXT UNIQUE,
  password TEXT NOT NULL DEFAULT '',
  roles TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT 'en',
  theme TEXT NOT NULL DEFAULT '',
  disabled INTEGER NOT NULL DEFAULT 0,
  signed_in_at TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE TABLE identities (
  issuer TEXT NOT NULL,
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES people(id),
  created_at TEXT NOT NULL,
  PRIMARY KEY (issuer, tenant, subject)
);
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES people(id),
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  agent TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_of_person ON sessions (person_id);
CREATE TABLE links (
  id TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  person_id TEXT REFERENCES people(id),
  email TEXT NOT NULL DEFAULT '',
  roles TEXT NOT NULL DEFAULT '',
  made_by TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
);
CREATE TABLE attempts (
  who TEXT PRIMARY KEY,
  wrong INTEGER NOT NULL,
  since TEXT NOT NULL
);
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  person_id TEXT,
  action TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',
  details TEXT NOT NULL DEFAULT '{}',
  created_at TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (created_at, id);
