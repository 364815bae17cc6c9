/**
 * The schema, step by step: migration i leads from version i to version i + 1. A released migration never changes.
 *
 * @remarks Types that SQLite and PostgreSQL both know. Times are milliseconds since 1970, documents are canonical JSON.
 */
export const migrations: readonly (readonly string[])[] = [
  [
    "create table study_ids (last_id integer not null)",
    "insert into study_ids (last_id) values (0)",
    `create table studies (
      id integer not null primary key,
      name text not null unique,
      direction text not null,
      space text,
      sampler text not null,
      sampler_settings text not null,
      seed text not null,
      duplicates text not null,
      retries integer not null,
      created_at bigint not null
    )`,
    `create table study_attributes (
      study_id integer not null,
      name text not null,
      value text not null,
      primary key (study_id, name)
    )`,
    `create table trials (
      study_id integer not null,
      number integer not null,
      state text not null,
      assignment text not null,
      hash text,
      origin text not null,
      history_sequence integer not null,
      attributes text not null,
      attempts integer not null,
      created_at bigint not null,
      token integer not null,
      worker text,
      started_at bigint,
      lease_expires_at bigint,
      finished_at bigint,
      finish_sequence integer,
      value double precision,
      detail text,
      primary key (study_id, number)
    )`,
    "create index trials_open on trials (study_id, state, number) where state in ('waiting', 'running')",
    "create unique index trials_finished on trials (study_id, finish_sequence) where finish_sequence is not null",
    "create index trials_hash on trials (study_id, hash, number)",
    `create table reports (
      study_id integer not null,
      number integer not null,
      phase text not null,
      step integer not null,
      metrics text not null,
      primary key (study_id, number, phase, step)
    )`,
    `create table late_results (
      study_id integer not null,
      number integer not null,
      token integer not null,
      received_at bigint not null,
      state text not null,
      value double precision,
      detail text
    )`,
    "create index late_results_study on late_results (study_id, received_at)",
  ],
  [
    "alter table studies add column pruner text not null default 'none'",
    "alter table studies add column pruner_settings text not null default '{}'",
    "alter table studies add column pruner_metric text not null default 'value'",
    // A count of its own, since the greatest sequence that is left goes down when reports are forgotten.
    "alter table studies add column report_sequence bigint not null default 1",
    // Those that were there before are the first.
    "alter table reports add column sequence bigint not null default 1",
    "create index reports_sequence on reports (study_id, sequence)",
  ],
  // Trials can be paused: earlier programs do not know the state, and are to say so instead of calling the database damaged.
  ["create index trials_paused on trials (study_id, number) where state = 'paused'"],
];

/** The version that this program reads and writes. */
export const schemaVersion = migrations.length;
