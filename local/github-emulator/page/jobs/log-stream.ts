import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { jobIdSource } from '../../../../contracts/ids.ts';
import type { Logger } from '../../../../runtime/log.ts';
import { getPeerUser } from '../../../../runtime/peer-user.ts';
import { repositoryName } from '../../accounts.ts';
import type { BrowserSessions } from '../sessions.ts';
import { findJob } from './job-routes.ts';
import type { RepositoryJobs } from './job-source.ts';

/**
 * A line of the stream, as JSON: a part of the log and the byte offset after it; the end; or a fault, after which the reader asks again
 * from its offset.
 */
type LogLine = { text: string; offset: number } | { end: true } | { fault: true };

const pathPattern = new RegExp(`^/${repositoryName}/jobs/(${jobIdSource})/log(?:\\?offset=(\\d{1,15}))?$`);

/**
 * Returns a handler that sends a task's log to a page as it grows, one JSON value per line, from a byte offset on. Requests without a
 * session are refused. The handler returns false for other requests.
 */
export const createLogStream =
  (jobs: RepositoryJobs, sessions: BrowserSessions, log: Logger) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [, id, offset = '0'] = pathPattern.exec(request.url ?? '') ?? [];
    if (id === undefined || request.method !== 'GET') return false;
    if (!sessions.find(request.headers.cookie, () => getPeerUser(request.socket))) {
      response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' }).end('Signed out\n');
      return true;
    }
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    sendLog(jobs, response, { id, from: Number(offset), signal: closed.signal }).catch((err: unknown) => {
      if (closed.signal.aborted) return;
      log.warn({ err, job: id }, 'a log could not be sent to a page');
      if (response.headersSent) response.end(formatLine({ fault: true }));
      else response.writeHead(503, plainHeaders).end('The orchestrator does not answer\n');
    });
    return true;
  };

const plainHeaders = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

const formatLine = (line: LogLine): string => `${JSON.stringify(line)}\n`;

/** Sends the log no faster than the page reads it. */
const sendLog = async (
  jobs: RepositoryJobs,
  response: ServerResponse,
  { id, from, signal }: { id: string; from: number; signal: AbortSignal },
): Promise<void> => {
  const job = await findJob(jobs, id);
  if (job?.kind !== 'task') {
    response.writeHead(404, plainHeaders).end('No such log\n');
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/x-ndjson',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.flushHeaders();
  for await (const { text, offset } of jobs.followLog(id, { from, scope: jobs.repository, signal }))
    if (!response.write(formatLine({ text, offset }))) await once(response, 'drain', { signal });
  response.end(formatLine({ end: true }));
};
