import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { filePath, filesRecordPath } from '../../../contracts/blob-paths.ts';
import { FilesRecord, maxFilesRecordBytes } from '../../../contracts/task-files.ts';
import type { RunSpec } from '../../../compute/launcher/port.ts';
import {
  createProcessLauncher,
  type ProcessLauncher,
} from '../../../compute/launcher/process/process-launcher.ts';
import { runTask } from '../../../compute/runner/run-task.ts';
import { openFile } from '../../../compute/runner/files/open-file.ts';
import { openStorage, type Blobs } from '../../../compute/storage/open-storage.ts';
import { startAzurite, type Azurite } from '../../../local/azurite/azurite.ts';
import { createLogger } from '../../../runtime/log.ts';
import { startUnreliableProxy } from '../../fakes/unreliable-proxy.ts';
import { createRunSpec, readExitRecord, readLog, runContext, waitFor } from '../../fixtures/run-specs.ts';

const log = createLogger('test', 'silent');
let azurite: Azurite;
let blobs: Blobs;
let folder: string;
let launcher: ProcessLauncher;
/** Runs scripts as our own user, who can replace the output directory. */
let ownUserLauncher: ProcessLauncher;

const readRecord = async ({ job }: RunSpec): Promise<FilesRecord | undefined> => {
  const body = await blobs.get(filesRecordPath(job));
  if (!body) return undefined;
  expect(body.length).toBeLessThanOrEqual(maxFilesRecordBytes);
  return v.parse(FilesRecord, JSON.parse(body.toString()));
};

/** Runs the lines of a shell script in the output directory, to its end. */
const run = async (lines: string, overrides: Partial<RunSpec> = {}, by = launcher) => {
  const order = await createRunSpec(blobs, `#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"\n${lines}\n`, overrides);
  await by.launch(order);
  await waitFor(async () => (await by.inspect(order.job)).state === 'ended');
  const exit = await readExitRecord(blobs, order);
  return { order, exit, record: await readRecord(order), text: await readLog(blobs, order) };
};

const withLinks = (order: RunSpec, files: number): RunSpec['links'] => ({
  ...order.links,
  files: {
    record: blobs.signCreateLink(filesRecordPath(order.job), 600),
    files: Array.from({ length: files }, (_, file) => blobs.signCreateLink(filePath(order.job, file), 600)),
  },
});

beforeAll(async () => {
  azurite = await startAzurite({ folder: undefined, blobPort: 0, queuePort: 0, log });
  const storage = openStorage(azurite.connectionString);
  await storage.prepare();
  ({ blobs } = storage);
  folder = await mkdtemp(join(tmpdir(), 'runs-'));
  const environment = { COXSWAIN_GRACE_MILLISECONDS: '300' };
  launcher = createProcessLauncher({ folder, environment, log });
  const ownUser = { ...environment, COXSWAIN_PROGRAM_UID: String(process.getuid!()) };
  ownUserLauncher = createProcessLauncher({ folder: join(folder, 'own-user'), environment: ownUser, log });
});

afterAll(async () => {
  await Promise.all([launcher.close(), ownUserLauncher.close()]);
  await azurite.stop();
  await rm(folder, { recursive: true });
});

describe('a script’s output directory', () => {
  test.concurrent('is empty, and its files are delivered with their sizes, types and digests', async () => {
    const { order, exit, record, text } = await run(
      'ls -A; printf "a,b\\n1,2\\n" > table.csv; printf "PNG" > Chart.PNG; : > empty; printf "# Done" > summary.md',
    );
    expect(exit).toMatchObject({ exitCode: 0 });
    expect(text).toBe('');
    const contents = ['# Done', 'PNG', '', 'a,b\n1,2\n'];
    const names = ['summary.md', 'Chart.PNG', 'empty', 'table.csv'];
    const types = [
      'text/markdown; charset=utf-8',
      'image/png',
      'application/octet-stream',
      'text/csv; charset=utf-8',
    ];
    expect(record).toEqual({
      v: 1,
      job: order.job,
      files: contents.map((content, at) => ({
        name: names[at],
        bytes: content.length,
        type: types[at],
        sha256: hash('sha256', content),
      })),
      omitted: [],
      omittedCount: 0,
      summary: '# Done',
      tables: [{ name: 'table.csv', header: ['a', 'b'], rows: [['1', '2']], truncated: false }],
    });
    for (const [at, content] of contents.entries())
      expect((await blobs.get(filePath(order.job, at)))?.toString()).toBe(content);
  });

  test.concurrent('that stays empty, or is removed, leaves no record', async () => {
    for (const { exit, record, text } of await Promise.all([
      run('true'),
      run('rmdir "$PWD"', {}, ownUserLauncher),
    ])) {
      expect(exit).toMatchObject({ exitCode: 0 });
      expect(record).toBeUndefined();
      expect(text).toBe('');
    }
  });

  test.concurrent('that is replaced by a link delivers nothing, as the log says, and the job ends as its script', async () => {
    const { exit, record, text } = await run(
      'cd /; rmdir "$COXSWAIN_OUTPUT_DIR"; ln -s /etc "$COXSWAIN_OUTPUT_DIR"',
      {},
      ownUserLauncher,
    );
    expect(exit).toMatchObject({ exitCode: 0 });
    expect(record).toBeUndefined();
    expect(text).toBe('The files in COXSWAIN_OUTPUT_DIR could not be delivered.\n');
  });

  test.concurrent('delivers also if the script fails or runs out of time', async () => {
    const [failed, timedOut] = await Promise.all([
      run('echo partial > result.txt; exit 3'),
      run('echo partial > result.txt; sleep 600', { timeoutSeconds: 0.5 }),
    ]);
    expect(failed.exit).toMatchObject({ exitCode: 3 });
    expect(timedOut.exit).toMatchObject({ timedOut: true });
    for (const { record } of [failed, timedOut])
      expect(record?.files).toMatchObject([{ name: 'result.txt' }]);
  });

  test.concurrent('delivers regular files only, never what a link names, and waits for no FIFO', async () => {
    const { exit, record } = await run(
      [
        'echo mine > own.txt; ln own.txt hard.txt',
        'ln -s /etc/passwd link.txt; ln -s /etc/passwd link.csv; ln -s .. up; mkfifo fifo.txt; mkdir folder.txt',
        'ln -s missing dangling.txt',
        'echo x > folder.txt/inside.txt',
      ].join('\n'),
    );
    expect(exit).toMatchObject({ exitCode: 0 });
    expect(record?.files.map(({ name }) => name)).toEqual(['hard.txt', 'own.txt']);
    expect(record?.omitted).toEqual(
      ['dangling.txt', 'fifo.txt', 'folder.txt', 'link.csv', 'link.txt', 'up'].map((name) => ({
        name,
        bytes: null,
        reason: 'not-a-file',
      })),
    );
    expect(record?.tables).toEqual([]);
  });

  test.concurrent('delivers only names of the allowed form', async () => {
    const long = `${'n'.repeat(96)}.txt`;
    const { record } = await run(
      `for name in ok_1.txt .hidden -dash 'two words.txt' 'q"uote' 'new\nline' 'ümlaut.txt' '%2e%2e' ..a ${long} x${long}; do printf 12345 > "./$name"; done
      printf 1 > "$(printf 'bad\\377.txt')"`,
    );
    expect(record?.files.map(({ name }) => name)).toEqual([long, 'ok_1.txt']);
    expect(record?.omittedCount).toBe(10);
    expect(record?.omitted.map(({ name }) => name)).toEqual([
      '%2e%2e',
      '-dash',
      '..a',
      '.hidden',
      'bad\uFFFD.txt',
      'new\nline',
      'q"uote',
      'two words.txt',
      `x${long}`,
      'ümlaut.txt',
    ]);
    expect(record?.omitted.every(({ reason }) => reason === 'bad-name')).toBe(true);
    expect(record?.omitted.map(({ bytes }) => bytes)).toEqual([5, 5, 5, 5, 1, 5, 5, 5, 5, 5]);
  });

  test.concurrent('names the files over its bounds with their sizes', async () => {
    const { record } = await run(
      [
        'truncate -s 10G sparse.bin',
        'truncate -s 60M a.bin; truncate -s 50M b.bin; truncate -s 40M c.bin; printf 1 > d.txt',
      ].join('\n'),
    );
    expect(record?.files.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a.bin', 60 * 1024 ** 2],
      ['c.bin', 40 * 1024 ** 2],
    ]);
    expect(record?.omitted).toEqual([
      { name: 'b.bin', bytes: 50 * 1024 ** 2, reason: 'total-too-large' },
      { name: 'd.txt', bytes: 1, reason: 'total-too-large' },
      { name: 'sparse.bin', bytes: 10 * 1024 ** 3, reason: 'too-large' },
    ]);
    // 40 MiB of zeros, as sha256sum prints it.
    expect(record?.files[1]?.sha256).toBe(hash('sha256', Buffer.alloc(40 * 1024 ** 2)));
  });

  test.concurrent('with 10 000 files delivers the first by name, and the summary before all others', async () => {
    const { order, record } = await run(
      'i=0; while [ $i -lt 10000 ]; do : > "f$((i + 10000))"; i=$((i + 1)); done; echo summary > summary.md',
    );
    expect(record?.files.map(({ name }) => name)).toEqual([
      'summary.md',
      ...Array.from({ length: 19 }, (_, at) => `f${10_000 + at}`),
    ]);
    expect(record?.omittedCount).toBe(9_981);
    expect(record?.omitted).toEqual(
      Array.from({ length: 20 }, (_, at) => ({ name: `f${10_019 + at}`, bytes: 0, reason: 'too-many' })),
    );
    expect(await blobs.exists(filePath(order.job, 19))).toBe(true);
    expect(await blobs.exists(filePath(order.job, 20))).toBe(false);
  });

  test.concurrent('masks secrets in names, summary and tables, wherever the text is cut', async () => {
    const secret = 'hunter"22,x';
    const quoted = '"hunter""22,x"';
    const { order, record } = await run(
      [
        `printf 'user,password\\nmona,%s\\n' '${quoted}' > users.csv`,
        'printf "%s and %s" "$password" "https://a/b?sv=1&sig=abc%2Bdef" > summary.md',
        'head -c 20000 /dev/zero | tr "\\0" x >> summary.md',
        'printf 1 > "name $password.txt"; printf 2 > "key-$key.txt"',
      ].join('\n'),
      { parameters: { password: secret, key: 'k3y-of-mine' }, secrets: ['password', 'key'] },
    );
    expect(JSON.stringify(record)).not.toMatch(/hunter|k3y-of|abc%2B/);
    expect(record?.summary?.startsWith('[redacted] and https://a/b?sv=1&[redacted]')).toBe(true);
    expect(record?.tables).toEqual([
      { name: 'users.csv', header: ['user', 'password'], rows: [['mona', '[redacted]']], truncated: false },
    ]);
    expect(record?.omitted).toEqual([
      { name: 'key-[redacted].txt', bytes: 1, reason: 'bad-name' },
      { name: 'name [redacted].txt', bytes: 1, reason: 'bad-name' },
    ]);
    // The files themselves are the script's.
    expect((await blobs.get(filePath(order.job, 1)))?.toString()).toContain('hunter');
  });

  test.concurrent('does not show the beginning of a secret at the end of a cut summary', async () => {
    const { record } = await run(
      'head -c 16380 /dev/zero | tr "\\0" x > summary.md; printf "%s" "$password" >> summary.md',
      { parameters: { password: 'hunter22' }, secrets: ['password'] },
    );
    expect(record?.summary).toBe('x'.repeat(16_380));
  });

  test.concurrent('shows the beginning of large tables, and of a CSV file of one line of 10 MB', async () => {
    const { record } = await run(
      [
        'head -c 10000000 /dev/zero | tr "\\0" "a" > a.csv',
        'for c in $(seq 30); do printf "c$c,"; done > b.csv; echo >> b.csv; for r in $(seq 20); do echo "$r,2"; done >> b.csv',
        'printf "x;y\\n1,5;2\\n\\"open" > c.csv',
        'printf "never,shown\\n" > d.csv',
      ].join('\n'),
    );
    expect(record?.files).toHaveLength(4);
    const [one, wide, broken, ...others] = record?.tables ?? [];
    expect(one).toEqual({ name: 'a.csv', header: ['a'.repeat(200)], rows: [], truncated: true });
    expect(wide?.header).toEqual(Array.from({ length: 20 }, (_, at) => `c${at + 1}`));
    expect(wide?.rows).toEqual(Array.from({ length: 10 }, (_, at) => [String(at + 1), '2']));
    expect(wide?.truncated).toBe(true);
    expect(broken).toEqual({ name: 'c.csv', header: ['x', 'y'], rows: [['1,5', '2']], truncated: true });
    expect(others).toEqual([]);
  });

  test.concurrent('limits the text of all tables together', async () => {
    const { record } = await run(
      `for name in a b c; do for r in $(seq 12); do for c in $(seq 20); do printf '%0200d,' 7; done; echo; done > $name.csv; done
      head -c 70000 /dev/zero | tr '\\0' '\\001' > summary.md`,
    );
    const cells = record?.tables.flatMap(({ header, rows }) => [...header, ...rows.flat()]) ?? [];
    expect(cells.length).toBeGreaterThan(20);
    expect(cells.join('').length).toBeLessThanOrEqual(16_384);
    expect(record?.tables[0]).toMatchObject({ name: 'a.csv', truncated: true });
    expect(record?.summary).toHaveLength(16_384);
  });

  test.concurrent('of a canceled script delivers what fits into the grace, and names the rest', async () => {
    const order = await createRunSpec(
      blobs,
      '#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"; echo one > a.txt; echo two > b.txt; echo ready; sleep 600',
    );
    await launcher.launch(order);
    await waitFor(() => readLog(blobs, order));
    await launcher.remove(order.job);
    expect(await readRecord(order)).toMatchObject({
      files: [{ name: 'a.txt' }, { name: 'b.txt' }],
      omitted: [],
    });
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test.concurrent('whose runner is killed while it delivers leaves no record, although it has blobs', async () => {
    const way = await startUnreliableProxy(azurite.connectionString);
    way.down();
    const order = await createRunSpec(
      blobs,
      '#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"; echo one > a.txt; echo two > b.txt',
    );
    const { record, files } = order.links.files!;
    const links = { ...order.links, files: { record, files: [files[0]!, way.rewrite(files[1]!)] } };
    const own = createProcessLauncher({ folder: join(folder, 'killed'), log });
    await own.launch({ ...order, links });
    await waitFor(() => blobs.exists(filePath(order.job, 0)));
    own.children().forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
    await waitFor(async () => (await own.inspect(order.job)).state === 'ended');
    expect(await readRecord(order)).toBeUndefined();
    expect(await readExitRecord(blobs, order)).toBeUndefined();
    await own.close();
    await way.close();
  });

  test.concurrent('of a spec without links is there, too, and delivers nothing', async () => {
    const order = await createRunSpec(blobs, '#!/bin/sh\necho one > "$COXSWAIN_OUTPUT_DIR/a.txt"');
    const { files: _files, ...links } = order.links;
    await launcher.launch({ ...order, links });
    await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: 0 });
    expect(await readRecord(order)).toBeUndefined();
  });

  test.concurrent('delivers as many files as there are links', async () => {
    const order = await createRunSpec(
      blobs,
      '#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"; for i in $(seq 100 300); do echo $i > $i.txt; done',
    );
    await launcher.launch({ ...order, links: withLinks(order, 100) });
    await waitFor(async () => (await launcher.inspect(order.job)).state === 'ended');
    const record = await readRecord(order);
    expect(record?.files).toHaveLength(100);
    expect(record?.omittedCount).toBe(101);
    expect((await blobs.get(filePath(order.job, 99)))?.toString()).toBe('199\n');
  });

  const asRoot = process.getuid!() === 0 ? test.concurrent : test.skip;
  asRoot('belongs to the user that the script runs as, and is removed afterwards', async () => {
    const user = { uid: 60_999, gid: 60_999 };
    const acquired = { user, clear: () => Promise.resolve(), release: () => {} };
    const order = await createRunSpec(
      blobs,
      '#!/bin/sh\ncd "$COXSWAIN_OUTPUT_DIR"; pwd; id -u > uid.txt; echo "# Done" > summary.md; mkdir -p a/b; chmod 0 a',
    );
    await runTask(order, {
      ...runContext,
      users: { acquire: () => Promise.resolve(acquired) },
    });
    expect(await readExitRecord(blobs, order)).toMatchObject({ exitCode: 0 });
    expect(await readRecord(order)).toMatchObject({
      files: [{ name: 'summary.md' }, { name: 'uid.txt' }],
      omitted: [{ name: 'a', bytes: null, reason: 'not-a-file' }],
    });
    expect((await blobs.get(filePath(order.job, 1)))?.toString()).toBe('60999\n');
    expect(existsSync((await readLog(blobs, order))!.trim())).toBe(false);
  });

  test.concurrent('has no file of another user: it can only be a hard link', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'outputs-'));
    await writeFile(join(directory, 'leak.txt'), 'a key');
    const [uid, gid] = [process.getuid!(), process.getgid!()];
    expect(await openFile(directory, 'leak.txt', { uid: uid + 1, gid })).toBe('not-a-file');
    const own = await openFile(directory, 'leak.txt', { uid, gid });
    expect(own).toMatchObject({ bytes: 5 });
    if (typeof own !== 'string') await own.handle.close();
    await rm(directory, { recursive: true });
  });
});
