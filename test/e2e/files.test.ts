import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { followComment } from '../../cli/thread/follow-comment.ts';
import { exitPath } from '../../contracts/blob-paths.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import { waitForJob, startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.remove());

test('the files of a script survive kills of the bot and of the platform with its orchestrator, right after its end', async () => {
  const writer = await platform.as('write');
  const before = await platform.file();
  const comment = await writer.comment(before.github.issue, '/run Report days=5');
  const { id } = await waitForJob(platform, comment);
  const { blobs } = openStorage(before.storage.connectionString);
  await waitUntil('the exit record', () => blobs.exists(exitPath(id)));
  await platform.kill('bot');
  await platform.killPlatform();
  await platform.start();

  const file = await platform.file();
  const outcome = await followComment(
    file,
    await platform.as('write'),
    file.github.issue,
    comment,
    () => {},
    120,
  );
  expect(outcome.jobs).toMatchObject([{ id, state: 'completed' }]);
  const { files } = (await (await platform.jobs()).get(id))!;
  expect(files?.delivered.map(({ name }) => name)).toEqual(['summary.md', 'visits.csv', 'visits.png']);
  expect(files).toMatchObject({
    omittedCount: 0,
    tables: [{ name: 'visits.csv', header: ['date', 'kind', 'visits'] }],
  });
  for (const { name, url, bytes, sha256 } of files?.delivered ?? []) {
    const body = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect([name, body.length, hash('sha256', body)]).toEqual([name, bytes, sha256]);
    expect(outcome.reply?.body).toContain(name);
  }
}, 240_000);
