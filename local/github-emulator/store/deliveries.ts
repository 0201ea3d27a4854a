import type { DatabaseSync } from 'node:sqlite';

import { now } from './database.ts';
import { prepareRows } from '../../sqlite/typed-statement.ts';

/** A delivery of an event to the app. A redelivery is a separate delivery with the same guid. */
export type DeliveryRow = {
  id: number;
  guid: string;
  event: string;
  action: string;
  /** The JSON that is signed and sent. */
  payload: string;
  redelivery: 0 | 1;
  createdAt: string;
  /** Null until it is attempted. Set before the first byte is sent. */
  attemptedAt: string | null;
  url: string | null;
  /** JSON text. */
  requestHeaders: string | null;
  /** Null while the attempt is in progress. */
  status: string | null;
  statusCode: number | null;
  /** Seconds. */
  duration: number | null;
  /** JSON text. */
  responseHeaders: string | null;
  responsePayload: string | null;
};

export type DeliveryAttempt = { url: string; requestHeaders: string };
export type DeliveryOutcome = {
  status: string;
  statusCode: number;
  duration: number;
  responseHeaders: string;
  responsePayload: string;
};

/** Selects finished deliveries by outcome, with an id of at most `from`, newest first. */
export type DeliveryQuery = { outcome?: 'success' | 'failure'; from?: number; limit: number };

export type DeliveryRows = {
  get(id: number): DeliveryRow | undefined;
  list(query: DeliveryQuery): DeliveryRow[];
  listWaiting(limit: number): DeliveryRow[];
  insert(delivery: Pick<DeliveryRow, 'guid' | 'event' | 'action' | 'payload' | 'redelivery'>): DeliveryRow;
  recordAttempt(id: number, attempt: DeliveryAttempt): void;
  recordOutcome(id: number, outcome: DeliveryOutcome): void;
  /** Marks deliveries as failed if the process ended during the attempt: whether they arrived is unknown. */
  failInterrupted(outcome: Pick<DeliveryOutcome, 'status' | 'statusCode'>): void;
  /** Deletes attempted deliveries that are older than `days` or not among the newest `most`. */
  prune(days: number, most: number): void;
};

const columns = `id, guid, event, action, payload, redelivery, created_at AS createdAt, attempted_at AS attemptedAt, url,
  request_headers AS requestHeaders, status, status_code AS statusCode, duration, response_headers AS responseHeaders,
  response_payload AS responsePayload`;
const dayMilliseconds = 86_400_000;

/** Returns the queries on deliveries. */
export const deliveryRows = (database: DatabaseSync): DeliveryRows => {
  const get = prepareRows<DeliveryRow>(database, `SELECT ${columns} FROM deliveries WHERE id = ?`);
  const list = prepareRows<DeliveryRow>(
    database,
    `SELECT ${columns} FROM deliveries WHERE status_code IS NOT NULL AND (?1 IS NULL OR id <= ?1)
     AND (?2 IS NULL OR (status_code < 400) = (?2 = 'success')) ORDER BY id DESC LIMIT ?3`,
  );
  const waiting = prepareRows<DeliveryRow>(
    database,
    `SELECT ${columns} FROM deliveries WHERE attempted_at IS NULL ORDER BY id LIMIT ?`,
  );
  const insert = prepareRows<DeliveryRow>(
    database,
    `INSERT INTO deliveries (guid, event, action, payload, redelivery, created_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING ${columns}`,
  );
  const attempt = database.prepare(
    'UPDATE deliveries SET attempted_at = ?, url = ?, request_headers = ? WHERE id = ?',
  );
  const end = database.prepare(
    'UPDATE deliveries SET status = ?, status_code = ?, duration = ?, response_headers = ?, response_payload = ? WHERE id = ?',
  );
  const interrupted = database.prepare(
    'UPDATE deliveries SET status = ?, status_code = ?, duration = 0 WHERE attempted_at IS NOT NULL AND status_code IS NULL',
  );
  const prune = database.prepare(
    `DELETE FROM deliveries WHERE attempted_at IS NOT NULL
     AND (created_at < ? OR id <= (SELECT max(id) FROM deliveries) - ?)`,
  );
  return {
    get: (id) => get.get(id),
    list: ({ outcome, from, limit }) => list.all(from ?? null, outcome ?? null, limit),
    listWaiting: (limit) => waiting.all(limit),
    insert: (row) => insert.getOne(row.guid, row.event, row.action, row.payload, row.redelivery, now()),
    recordAttempt: (id, { url, requestHeaders }) => void attempt.run(now(), url, requestHeaders, id),
    recordOutcome: (id, o) =>
      void end.run(o.status, o.statusCode, o.duration, o.responseHeaders, o.responsePayload, id),
    failInterrupted: ({ status, statusCode }) => void interrupted.run(status, statusCode),
    prune: (days, most) => void prune.run(new Date(Date.now() - days * dayMilliseconds).toISOString(), most),
  };
};
