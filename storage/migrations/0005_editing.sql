CREATE TABLE versions (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  source TEXT NOT NULL,
  content TEXT NOT NULL DEFAULT '',
  manifest TEXT NOT NULL DEFAULT '',
  author_id TEXT NOT NULL DEFAULT '',
  author_name TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '',
  golden TEXT NOT NULL DEFAULT '{}',
  published_at TEXT NOT NULL
);
INSERT INTO versions (number, hash, source, content, published_at)
  SELECT number, hash, 'files', content, published_at FROM knowledge_versions;
DROP TABLE knowledge_versions;
ALTER TABLE versions RENAME TO knowledge_versions;
CREATE TABLE knowledge_parts (
  hash TEXT PRIMARY KEY,
  body TEXT NOT NULL
);
CREATE TABLE knowledge_files (
  number INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  hash TEXT NOT NULL,
  read_at TEXT NOT NULL
);
CREATE TABLE drafts (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  base_version INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE TABLE draft_revisions (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  base_version INTEGER NOT NULL,
  body TEXT NOT NULL,
  archived INTEGER NOT NULL,
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  saved_at TEXT NOT NULL,
  PRIMARY KEY (kind, id, revision)
);
CREATE TABLE releases (
  id TEXT PRIMARY KEY,
  status TEXT NOT NULL,
  drafts TEXT NOT NULL,
  note TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  reviewer_id TEXT NOT NULL DEFAULT '',
  reviewer_name TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  publish_at TEXT NOT NULL DEFAULT '',
  version INTEGER,
  problems TEXT NOT NULL DEFAULT '[]',
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX releases_open ON releases (status, publish_at);
CREATE TABLE review_reminders (
  entry_id TEXT NOT NULL,
  review_by TEXT NOT NULL,
  reminded_at TEXT NOT NULL,
  PRIMARY KEY (entry_id, review_by)
);
CREATE TABLE missed_questions (
  conversation_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  question TEXT NOT NULL,
  language TEXT NOT NULL,
  kind TEXT NOT NULL,
  candidates TEXT NOT NULL DEFAULT '[]',
  version INTEGER NOT NULL,
  missed_at TEXT NOT NULL,
  accepted TEXT NOT NULL DEFAULT '',
  cluster TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (conversation_id, number)
);
CREATE INDEX missed_questions_at ON missed_questions (missed_at);
CREATE INDEX missed_questions_cluster ON missed_questions (cluster);
CREATE TABLE missed_clusters (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  entry_id TEXT NOT NULL DEFAULT '',
  question TEXT NOT NULL,
  language TEXT NOT NULL,
  changed_by TEXT NOT NULL DEFAULT '',
  first_missed_at TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  closed_at TEXT NOT NULL DEFAULT '',
  closed_version INTEGER
);
CREATE TABLE phrasing_suggestions (
  entry_id TEXT NOT NULL,
  language TEXT NOT NULL,
  question TEXT NOT NULL,
  state TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  PRIMARY KEY (entry_id, language, question)
);
CREATE TABLE knowledge_head (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  build INTEGER NOT NULL
);
INSERT INTO knowledge_head (id, version, build)
  SELECT 1, COALESCE(MAX(number), 0), 0 FROM knowledge_versions;
