import { statesBefore, type TrialEvent } from "../trial.ts";

/** The columns of a study's definition, in the order that `rows.ts` reads them. */
const studyColumns =
  "id, name, direction, space, sampler, sampler_settings, pruner, pruner_settings, pruner_metric, seed, duplicates, retries, created_at";

/** The columns of a trial, in the order that `rows.ts` reads them. */
const trialColumns =
  "number, state, assignment, hash, origin, history_sequence, attributes, attempts, created_at, " +
  "token, worker, started_at, lease_expires_at, finished_at, finish_sequence, value, detail";

/** The condition of the index of open trials: SQLite uses a partial index only where its condition stands word for word. */
const isOpen = "state in ('waiting', 'running')";

/** The condition of the index of paused trials. */
const isPaused = "state = 'paused'";

/** "and the event can happen to it": the state machine as a condition. */
function may(event: TrialEvent): string {
  return `(${statesBefore(event)
    .map((state) => `state = '${state}'`)
    .join(" or ")})`;
}

/** "the trial of this lease, and the lease holds": parameters study, number, token. */
function heldFor(event: TrialEvent): string {
  return `study_id = ? and number = ? and token = ? and ${may(event)}`;
}

/** Every statement that runs on a database. `?` stands for a parameter; the order is that of the text. */
export const statements = {
  nextStudyId: "update study_ids set last_id = last_id + 1 returning last_id",
  insertStudy: `insert into studies (${studyColumns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  studyByName: `select ${studyColumns} from studies where name = ?`,
  allStudies: `select ${studyColumns} from studies order by id`,
  allCounts: "select study_id, state, count(*) from trials group by study_id, state",
  studyExists: "select id from studies where id = ?",
  retries: "select retries from studies where id = ?",
  deleteStudy: [
    "delete from late_results where study_id = ?",
    "delete from reports where study_id = ?",
    "delete from trials where study_id = ?",
    "delete from study_attributes where study_id = ?",
    "delete from studies where id = ?",
  ],

  setStudyAttribute:
    "insert into study_attributes (study_id, name, value) values (?, ?, ?) " +
    "on conflict (study_id, name) do update set value = excluded.value",
  addStudyAttribute:
    "insert into study_attributes (study_id, name, value) values (?, ?, ?) on conflict (study_id, name) do nothing",
  /** Documents are canonical: equal ones have equal texts. */
  replaceStudyAttribute: "update study_attributes set value = ? where study_id = ? and name = ? and value = ?",
  studyAttributes: "select name, value from study_attributes where study_id = ?",

  added:
    `select number, hash, origin, case when ${isOpen} then assignment end from trials ` +
    "where study_id = ? and number >= ? order by number",
  finishedSince:
    `select finish_sequence, number, case when ${isOpen} then 'paused' else state end, value, ` +
    "case when state not in ('complete', 'failed') then detail end, assignment from trials " +
    "where study_id = ? and finish_sequence > ? order by finish_sequence",
  openCounts: `select state, count(*) from trials where study_id = ? and ${isOpen} group by state`,
  trials: `select ${trialColumns} from trials where study_id = ? order by number`,
  /** In no order: to have one SQLite would walk through all trials instead of the index of the open ones. */
  openTrials: `select ${trialColumns} from trials where study_id = ? and ${isOpen}`,
  paused: `select number from trials where study_id = ? and ${isPaused} order by number`,
  trial: `select ${trialColumns} from trials where study_id = ? and number = ?`,
  reports: "select number, phase, step, metrics from reports where study_id = ? order by number, phase, step",
  reportsOf: "select number, phase, step, metrics from reports where study_id = ? and number = ? order by phase, step",
  reportSequence: "select report_sequence from studies where id = ?",
  /** Reports are forgotten when a trial is put back, so those that are there belong to its present lease. */
  metricReports:
    "select reports.number, trials.token, reports.step, reports.metrics from reports " +
    "join trials on trials.study_id = reports.study_id and trials.number = reports.number " +
    "where reports.study_id = ? and reports.sequence > ? and reports.phase = '' order by reports.sequence, reports.number, reports.step",
  lateResults:
    "select number, token, received_at, state, value, detail from late_results where study_id = ? order by received_at, token",

  /** No row if the study is not there. */
  nextNumber: "select (select coalesce(max(number), -1) + 1 from trials where study_id = studies.id) from studies where id = ?",
  numberOfHash: "select min(number) from trials where study_id = ? and hash = ?",
  insertTrial:
    "insert into trials (study_id, number, state, assignment, hash, origin, history_sequence, attributes, attempts, created_at, " +
    "token, worker, started_at, lease_expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  /** `number + 0` has no index: else SQLite would walk through all trials in their order instead of the few that are open. */
  claimWaiting:
    "update trials set state = 'running', attempts = attempts + 1, token = token + 1, worker = ?, started_at = ?, lease_expires_at = ? " +
    `where study_id = ? and ${may("claim")} and number = ` +
    `(select number from trials where study_id = ? and ${isOpen} and ${may("claim")} order by number + 0 limit 1) ` +
    `returning ${trialColumns}`,
  promote:
    "update trials set state = 'running', token = token + 1, worker = ?, started_at = ?, lease_expires_at = ? " +
    `where study_id = ? and number = ? and ${may("promote")} returning ${trialColumns}`,
  renew: `update trials set lease_expires_at = ? where ${heldFor("lose")}`,

  attempts: `select attempts from trials where ${heldFor("lose")}`,
  /** State, token and attributes of a trial. */
  standing: "select state, token, attributes from trials where study_id = ? and number = ?",
  setAttributes: "update trials set attributes = ? where study_id = ? and number = ?",
  setAssignment: "update trials set assignment = ? where study_id = ? and number = ?",
  /** Makes room for so many reports and returns the last of their sequences. */
  countReports: "update studies set report_sequence = report_sequence + ? where id = ? returning report_sequence",
  upsertReport:
    "insert into reports (study_id, number, phase, step, metrics, sequence) values (?, ?, ?, ?, ?, ?) " +
    "on conflict (study_id, number, phase, step) do update set metrics = excluded.metrics, sequence = excluded.sequence",
  /** Those of a trial that was paused, said again. */
  repeatReports: "update reports set sequence = ? where study_id = ? and number = ?",
  /** Nothing of a trial that was paused, which goes on from there. */
  forgetReports:
    "delete from reports where study_id = ? and number = ? and not exists (select 1 from trials " +
    "where trials.study_id = reports.study_id and trials.number = reports.number and finish_sequence is not null)",
  insertLateResult:
    "insert into late_results (study_id, number, token, received_at, state, value, detail) values (?, ?, ?, ?, ?, ?, ?)",

  finish: {
    complete: finish("complete"),
    prune: finish("prune"),
    fail: finish("fail"),
    abandon: finish("abandon"),
    pause: finish("pause"),
  },
  release: putBack("release", "attempts = attempts - 1"),
  lose: putBack("lose", "attempts = attempts"),
} as const;

/** The sequence goes up by one: the last one is read from its index, and a write transaction is alone. */
function finish(event: TrialEvent): string {
  return (
    "update trials set state = ?, value = ?, detail = ?, finished_at = ?, lease_expires_at = null, finish_sequence = 1 + coalesce(" +
    "(select last.finish_sequence from trials as last where last.study_id = trials.study_id and last.finish_sequence is not null " +
    `order by last.finish_sequence desc limit 1), 0) where ${heldFor(event)} returning ${trialColumns}`
  );
}

function putBack(event: TrialEvent, attempts: string): string {
  return (
    `update trials set state = 'waiting', ${attempts}, worker = null, started_at = null, lease_expires_at = null ` +
    `where ${heldFor(event)}`
  );
}
