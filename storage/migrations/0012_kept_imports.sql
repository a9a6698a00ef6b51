-- How often it was asked: an import says so of many at once, and 0 of what nobody ever asked.
ALTER TABLE missed_questions ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
