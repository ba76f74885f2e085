-- One row per file and source that came in.
CREATE TABLE retrieval (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    retrieved_utc_s INTEGER NOT NULL,
    licence TEXT NOT NULL,
    provenance TEXT NOT NULL
) STRICT;

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    variable TEXT NOT NULL,
    entity TEXT NOT NULL,
    UNIQUE (variable, entity)
) STRICT;

-- A retrieval has one source, so (series, at, retrieval) is (variable, entity, at, source, retrieval).
-- ANY in a STRICT table keeps numbers as numbers and words as words.
CREATE TABLE observation (
    series_id INTEGER NOT NULL REFERENCES series (id),
    at INTEGER NOT NULL,
    retrieval_id INTEGER NOT NULL REFERENCES retrieval (id),
    value ANY NOT NULL,
    available_s INTEGER NOT NULL,
    assumed INTEGER NOT NULL CHECK (assumed IN (0, 1)),
    PRIMARY KEY (series_id, at, retrieval_id)
) WITHOUT ROWID, STRICT;

-- Results that may be computed again at any time.
CREATE TABLE derived (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (name, key)
) WITHOUT ROWID, STRICT;

-- For people who look with their own tools.
CREATE VIEW observation_named AS
SELECT s.variable, s.entity, o.at, r.source, o.value, o.available_s, o.assumed, o.retrieval_id, r.retrieved_utc_s
FROM observation o JOIN series s ON s.id = o.series_id JOIN retrieval r ON r.id = o.retrieval_id;

CREATE TRIGGER retrieval_keep_update BEFORE UPDATE ON retrieval
BEGIN SELECT raise(ABORT, 'retrievals are append-only'); END;
CREATE TRIGGER retrieval_keep_delete BEFORE DELETE ON retrieval
BEGIN SELECT raise(ABORT, 'retrievals are append-only'); END;
CREATE TRIGGER series_keep_update BEFORE UPDATE ON series
BEGIN SELECT raise(ABORT, 'series are append-only'); END;
CREATE TRIGGER series_keep_delete BEFORE DELETE ON series
BEGIN SELECT raise(ABORT, 'series are append-only'); END;
CREATE TRIGGER observation_keep_update BEFORE UPDATE ON observation
BEGIN SELECT raise(ABORT, 'observations are append-only'); END;
CREATE TRIGGER observation_keep_delete BEFORE DELETE ON observation
BEGIN SELECT raise(ABORT, 'observations are append-only'); END;
