-- The entry that answered a question and did not do, and the version when a group was put into a
-- draft: both are compared with what is in force before a group counts as answered.
ALTER TABLE missed_questions ADD COLUMN given TEXT NOT NULL DEFAULT '';
UPDATE missed_questions SET given = COALESCE((SELECT a.entry_id FROM activities a
  WHERE a.conversation_id = missed_questions.conversation_id AND a.entry_id IS NOT NULL
    AND missed_questions.candidates LIKE '[["' || a.entry_id || '",%]]'
  ORDER BY a.number DESC LIMIT 1), '')
  WHERE kind IN ('rated', 'handoff') AND candidates NOT LIKE '%], [%';
ALTER TABLE missed_clusters ADD COLUMN drafted_version INTEGER;
UPDATE missed_clusters SET drafted_version = (SELECT MAX(v.number) FROM knowledge_versions v
  WHERE v.published_at <= missed_clusters.changed_at) WHERE state = 'drafted';
-- When a group that was answered was missed again: what was missed before no longer says anything.
ALTER TABLE missed_clusters ADD COLUMN reopened_at TEXT NOT NULL DEFAULT '';
CREATE INDEX phrasing_suggestions_question ON phrasing_suggestions (question, language);
