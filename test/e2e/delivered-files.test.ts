import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestPlatform, type LocalPlatform } from '../fixtures/local-platform.ts';
import { createThreadClient } from '../fixtures/thread-client.ts';

/* A task that delivers files, from its comment to its reply. */

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
}, 120_000);
afterAll(() => platform.remove(), 30_000);

test('a reply shows the summary, the picture and the table of a task, with links that answer', async () => {
  const thread = createThreadClient(platform);
  const comment = await thread.write('octavia', '/run Report days=12');
  const reply = await thread.waitForReply(comment, /First 10 rows/);
  expect(reply).toMatch(/^> \*\*\d+ visits in 12 days\*\*\n>\n> \|  \| Days \| Visits \| per day \|$/m);
  expect(reply).toMatch(/^First 10 rows of `visits\.csv`:\n\n\| date \| kind \| visits \|$/m);
  expect(reply).toMatch(/^<sub>Links work until /m);
  const picture = await fetch(/^!\[visits\.png\]\((\S+)\)$/m.exec(reply)?.[1] ?? '');
  expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png']);
  await picture.body?.cancel();

  const [job] = await thread.listJobs(comment);
  expect(job?.files?.delivered.map(({ name }) => name)).toEqual(['summary.md', 'visits.csv', 'visits.png']);
  const links = [...reply.matchAll(/\[`([\w.]+)`\]\((\S+?)\) \(/g)].map(([, name, url]) => ({ name, url }));
  for (const { name, bytes, sha256 } of job?.files?.delivered ?? []) {
    const response = await fetch(links.find((link) => link.name === name)?.url ?? '');
    const content = Buffer.from(await response.arrayBuffer());
    expect([name, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([
      name,
      bytes,
      sha256,
    ]);
  }
}, 120_000);
