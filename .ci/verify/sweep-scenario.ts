import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import { createHttpJobs } from '../../compute/client/index.ts';
import type { VerifyFixture } from './fixture.ts';
import { buildRunnerEnvironment } from './runner-env.ts';
import { writeComment, listReplies } from './thread-client.ts';

/** Writes a comment, dated a number of minutes ago, for which no workflow runs. */
export const writeMissedCommand = async (
  fixture: VerifyFixture,
  body: string,
  minutes: number,
): Promise<void> => {
  const { comment } = await writeComment(fixture, 'octavia', body);
  const then = new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  fixture.github.testControl.setCommentDate(comment.id, then);
};

/** Runs chatops.yml for a comment, kills the run when there is a reply, and waits for the end of its job. */
export const killRunAfterReply = async (fixture: VerifyFixture, body: string): Promise<void> => {
  const payload = await writeComment(fixture, 'octavia', body);
  const { repository, environment } = await buildRunnerEnvironment(fixture, { runId: 1_000, by: 'key' });
  const event = join(fixture.folder, 'event.json');
  await writeFile(event, JSON.stringify({ ...payload, repository }));
  const run = spawn(process.execPath, ['action/dist/main.mjs'], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      ...environment,
      GITHUB_ACTOR: environment.GITHUB_TRIGGERING_ACTOR,
      GITHUB_JOB: 'command',
      GITHUB_ACTION: '__self',
      GITHUB_EVENT_NAME: 'issue_comment',
      GITHUB_EVENT_PATH: event,
      'INPUT_ORCHESTRATOR-URL': fixture.orchestrator.url,
      'INPUT_ORCHESTRATOR-KEY': fixture.orchestrator.key,
      'INPUT_GITHUB-TOKEN': fixture.github.workflowToken,
    },
  });
  const closed = once(run, 'close');
  try {
    const job = await waitUntil('a reply', () => findJobOfReply(fixture, payload.comment.id));
    run.kill('SIGKILL');
    const jobs = createHttpJobs(fixture.orchestrator);
    await waitUntil('the end of its job', async () => (await jobs.get(job))?.endedAt ?? undefined);
  } finally {
    run.kill('SIGKILL');
    await closed;
  }
};

const findJobOfReply = async (fixture: VerifyFixture, comment: number): Promise<string | undefined> => {
  const markers = (await listReplies(fixture)).map((body) => readMarker(body));
  return markers.find((marker) => marker?.comment === comment)?.jobs[0];
};

/** Polls ten times a second. @throws Error after half a minute */
const waitUntil = async <T>(what: string, ask: () => Promise<T | undefined>): Promise<T> => {
  for (let left = 300; left > 0; left -= 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await wait(100);
  }
  throw new Error(`Timed out waiting for ${what}`);
};
