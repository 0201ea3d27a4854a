import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createJobId } from '../../../contracts/ids.ts';
import type { TaskFiles } from '../../../contracts/task-files.ts';
import { createProcessLauncher } from '../../../compute/launcher/process/process-launcher.ts';
import {
  log,
  openOrchestratorFixture,
  openTestOrchestrator,
  type OrchestratorFixture,
} from '../../fixtures/orchestrator/orchestrator-fixture.ts';

/** Returns the first code block of a language in a page of the documentation. */
const readBlock = (page: string, language: string): string => {
  const text = readFileSync(`docs/${page}`, 'utf8');
  const block = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (block === undefined) throw new Error(`docs/${page} has no block of ${language}`);
  return block;
};

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await openOrchestratorFixture();
});
afterEach(() => fixture.stopAll());
afterAll(() => fixture.close());

const runDocumented = async (
  page: string,
  language: string,
  values: Record<string, string>,
): Promise<{ log: string | null; files: TaskFiles }> => {
  const definition = readBlock(page, 'json');
  const { taskName, scriptName } = JSON.parse(definition) as { taskName: string; scriptName: string };
  const { blobs } = fixture.storage;
  await blobs.put(`tasks/${scriptName}`, readBlock(page, language));
  await blobs.put(`tasks/${taskName}.json`, definition);
  const launcher = createProcessLauncher({ folder: join(fixture.folder, `runs-${taskName}`), log });
  fixture.releases.push(() => launcher.close());
  const platform = await openTestOrchestrator(fixture, { launcher });
  const jobId = createJobId();
  const parameters = Object.entries(values).map(([name, value]) => ({ name, value }));
  const answer = await platform.call('POST', 'tasks', { jobId, taskName, parameters });
  expect(answer).toMatchObject({ status: 202 });
  const job = await platform.ended(jobId);
  expect(job).toMatchObject({ state: 'completed' });
  return { log: (job.result as { logTail: string | null }).logTail, files: job.files! };
};

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? test : test.skip)(
  'the task of the quick start delivers a summary, a table and a picture',
  async () => {
    const { log: text, files } = await runDocumented('quickstart-task.md', 'python', { rolls: '500' });
    expect(text).toBe('Rolled two dice 500 times.\n');
    expect(files.delivered.map(({ name }) => name)).toEqual(['summary.md', 'chart.png', 'totals.csv']);
    expect(files.summary).toMatch(/^\*\*\d+\*\* came up most often: \d+ times\.\n$/);
    const [table] = files.tables;
    expect(table).toMatchObject({ header: ['total', 'count'], truncated: true });
    expect(table?.rows.map(([total]) => total)).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '10', '11']);
    const answer = await fetch(files.delivered[1]!.url);
    expect(answer.headers.get('content-type')).toBe('image/png');
    const picture = Buffer.from(await answer.arrayBuffer());
    const [width, height] = [picture.readUInt32BE(16), picture.readUInt32BE(20)];
    const data = picture.subarray(41, 41 + picture.readUInt32BE(33));
    expect(inflateSync(data).length).toBe(height * (1 + 3 * width));
  },
);

test('the example of the tasks page runs as it is described', async () => {
  const values = { database: 'orders', password: 'hunter22' };
  const { log: text, files } = await runDocumented('tasks.md', 'sh', values);
  expect(text).toBe('Backing up orders for 30 days\n');
  expect(files).toMatchObject({
    delivered: [{ name: 'summary.md' }, { name: 'tables.csv' }],
    omitted: [],
    summary: 'Backed up **orders**. It expires in 30 days.\n',
    tables: [
      {
        header: ['table', 'rows'],
        rows: [
          ['orders', '1024'],
          ['events', '65536'],
        ],
      },
    ],
  });
});
