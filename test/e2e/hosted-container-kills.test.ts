import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { waitForOrchestrator } from '../../bench/chaos/orchestrator-kills.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { Blobs } from '../../compute/storage/port.ts';
import { exitPath } from '../../contracts/blob-paths.ts';
import { JobId } from '../../contracts/ids.ts';
import { startAzure, type AzureStandIn } from '../fixtures/azure/azure.ts';
import type { HeldRequest } from '../fixtures/azure/holds.ts';
import { writeTestPackage } from '../fixtures/hosted-orchestrator.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { openRecords, putRecordingTasks, type Records } from '../fixtures/recording-tasks.ts';
import { createThreadClient, type ThreadClient } from '../fixtures/thread-client.ts';

/*
 * The packaged orchestrator is killed with SIGKILL in each state of a task's container group. The groups are at a stand-in for Azure, which
 * outlives it, and the requests that were on their way take effect after its death.
 */

let app: Awaited<ReturnType<typeof writeTestPackage>>;
let azure: AzureStandIn;
let platform: LocalPlatform;
let thread: ThreadClient;
let records: Records;
let blobs: Blobs;
beforeAll(async () => {
  app = await writeTestPackage();
  records = await openRecords();
  azure = await startAzure({ timing: { pull: 1, delete: 1 } });
  platform = await startTestPlatform(() => ({ ...azure.environment, COXSWAIN_FUNCTIONS_APP: app.file }));
  thread = createThreadClient(platform);
  ({ blobs } = openStorage((await platform.file()).storage.connectionString));
  await putRecordingTasks(blobs);
});
afterAll(async () => {
  await platform.remove();
  await azure.close();
  await records.remove();
  await app.remove();
});

type Round = { name: string; comment: Comment };

/** Starts a task that waits until `openGate` is called. */
const start = async (name: string): Promise<Round> => {
  const gate = join(records.folder, `open-${name}`);
  return {
    name,
    comment: await thread.write('octavia', records.toCommand('Gate', `name=${name} gate=${gate}`)),
  };
};
const openGate = ({ name }: Round): Promise<void> => writeFile(join(records.folder, `open-${name}`), '');

const getJobId = (round: Round): Promise<string> =>
  waitUntil('the job', async () => (await thread.listJobs(round.comment))[0]?.id);

const waitForScript = ({ name }: Round): Promise<boolean> =>
  waitUntil('the script', async () => (await records.read('Gate')).includes(`in ${name}`));

const killOrchestrator = async (): Promise<void> => {
  await waitUntil('an orchestrator', () => platform.kill('orchestrator'));
};

/** The groups of earlier rounds, whose requests must not be held. */
const earlier = new Set<string>();
const isNew = (group: string): boolean => !earlier.has(group);

/** Kills the orchestrator while a request for a new group is held, which then goes on. */
const killDuring = async (request: HeldRequest, act: () => Promise<unknown>): Promise<void> => {
  const held = azure.hold({ isFor: isNew, ...request });
  await act();
  await held.reached;
  await killOrchestrator();
  held.release();
};

type KillState = { state: string; run: (name: string) => Promise<Round> };

const killDuringLaunch = (request: HeldRequest) => async (name: string) => {
  let round: Round | undefined;
  await killDuring(request, async () => (round = await start(name)));
  return round!;
};

const killDuringRemoval = (request: HeldRequest) => async (name: string) => {
  const round = await start(name);
  await waitForScript(round);
  await killDuring(request, () => openGate(round));
  return round;
};

/** In the order of a task's life. */
const killStates: KillState[] = [
  { state: 'before the PUT', run: killDuringLaunch({ method: 'GET', phase: 'after' }) },
  { state: 'while the PUT is on its way', run: killDuringLaunch({ method: 'PUT', phase: 'before' }) },
  { state: 'after the PUT, before its answer', run: killDuringLaunch({ method: 'PUT', phase: 'after' }) },
  {
    state: 'while the group is pending',
    run: async (name) => {
      const round = await start(name);
      const id = await getJobId(round);
      await waitUntil('the group', async () => azure.groups().some((group) => group.name === id));
      await killOrchestrator();
      return round;
    },
  },
  {
    state: 'while the script runs',
    run: async (name) => {
      const round = await start(name);
      await waitForScript(round);
      await killOrchestrator();
      return round;
    },
  },
  {
    state: 'after the exit record, before the DELETE',
    run: async (name) => {
      const round = await start(name);
      await waitForScript(round);
      const id = await getJobId(round);
      // The launcher looks up a group before it deletes it.
      const held = azure.hold({ method: 'GET', phase: 'after', isFor: (group) => group === id });
      await openGate(round);
      await waitUntil('the exit record', () => blobs.exists(exitPath(v.parse(JobId, id))));
      await held.reached;
      await killOrchestrator();
      held.release();
      return round;
    },
  },
  { state: 'while the DELETE is on its way', run: killDuringRemoval({ method: 'DELETE', phase: 'before' }) },
  {
    state: 'after the DELETE, before its answer',
    run: killDuringRemoval({ method: 'DELETE', phase: 'after' }),
  },
];

test('killing the orchestrator in any state of a container group: each script runs once, each job is reported, and no group is left', async () => {
  const rounds: Round[] = [];
  for (const [index, { run }] of killStates.entries()) {
    const round = await run(`n${index}`);
    rounds.push(round);
    await waitForOrchestrator(platform);
    earlier.add(await getJobId(round));
    // Only the script of the round decides when it ends, so that each round reaches its state.
    await openGate(round);
  }
  const results: unknown[] = [];
  for (const [index, { name, comment }] of rounds.entries()) {
    const job = await waitUntil(`the end of ${comment.body}`, async () =>
      (await thread.listJobs(comment)).find(({ endedAt }) => endedAt !== null),
    );
    await thread.waitForReply(comment, /completed/);
    const lines = (await records.read('Gate')).filter((line) => line.endsWith(` ${name}`));
    const puts = azure.requests.filter(
      ({ method, path, status }) =>
        method === 'PUT' && path.includes(job.id) && status !== null && status < 300,
    );
    results.push([killStates[index]?.state, job.state, lines, puts.length]);
  }
  expect(results).toEqual(
    killStates.map(({ state }, index) => [state, 'completed', [`in n${index}`, `out n${index}`], 1]),
  );
  await waitUntil('the removal of all groups', async () => azure.groups().length === 0);
}, 400_000);
