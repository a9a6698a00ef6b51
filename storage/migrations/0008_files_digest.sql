-- Of the files' bytes: when they are the same, they need not be read to know what they say.
ALTER TABLE knowledge_files ADD COLUMN digest TEXT NOT NULL DEFAULT '';
