import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAttackScript, parseFindings, type Findings } from '../../fixtures/attack-script.ts';
import {
  toProgramSettings,
  sendBlocks,
  waitForResults,
  useWorkers,
  workerEntry,
} from '../../fixtures/workers.ts';

const ownUid = String(process.getuid!());
const asRoot = process.getuid!() === 0 ? test : test.skip;
/** What lets a worker choose the users of its programs. */
const byDefault = { COXSWAIN_PROGRAM_UID: '' };
/** A uid that no other test uses, and none that workers choose. */
const programUid = '61060';

describe('a program that a worker runs', () => {
  const crew = useWorkers();
  const standalone: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of standalone.splice(0)) {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGTERM');
      await ended;
    }
  });

  const key = (): string => /AccountKey=([^;]+)/.exec(crew.fixture.azurite.connectionString)![1]!;

  /** A data folder as on one machine: key files in a folder of their owner's, and a file that only this folder protects. */
  const dataFolder = async (): Promise<{ folder: string; files: string[] }> => {
    const folder = join(crew.fixture.folder, 'data');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = ['secrets.json', 'platform.json', 'app.json'].map((name) => join(folder, name));
    await Promise.all(files.map((file) => writeFile(file, key(), { mode: 0o600 })));
    await writeFile(join(folder, 'open.pem'), key(), { mode: 0o644 });
    return { folder, files: [...files, join(folder, 'open.pem')] };
  };

  /** Its answer has to be JSON: the text as a string. */
  const asJson = (script: string): string =>
    `{ ${script}\n} 2>&1 | awk 'BEGIN { printf "\\"" } { gsub(/[\\\\"]/, "\\\\\\\\&"); gsub(/\\t/, " "); printf "%s\\\\n", $0 } END { printf "\\"" }'`;

  const answer = async (job: Awaited<ReturnType<typeof sendBlocks>>): Promise<Findings> => {
    const [verdict] = await waitForResults(crew.fixture, job, 1);
    expect(verdict).toMatchObject({ state: 'done' });
    const { output } = verdict as { output: { value: string } };
    return parseFindings(output.value);
  };

  const attackFrom = async (more: Record<string, string>): Promise<Findings> => {
    const { folder, files } = await dataFolder();
    crew.start({ attack: asJson(createAttackScript(files, [folder])) }, more);
    return answer(await sendBlocks(crew.fixture, 1, 'attack'));
  };

  asRoot(
    'cannot access the worker, its parents and the key files if the worker can change the user',
    async () => {
      const { found, seen } = await attackFrom({ COXSWAIN_PROGRAM_UID: programUid });
      expect(found).toEqual([]);
      expect(seen).not.toContain(key());
      expect(seen).not.toContain('AccountKey');
      expect(seen).toContain(`# self Uid ${programUid} ${programUid} ${programUid} ${programUid}`);
      expect(seen).toContain(`# self Gid ${programUid} ${programUid} ${programUid} ${programUid}`);
      expect(seen).toMatch(/^# self Groups *$/m);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
        expect(seen).toMatch(new RegExp(`^# self ${set} 0+$`, 'm'));
      if (existsSync('/usr/bin/setpriv')) expect(seen).toContain('# self NoNewPrivs 1');
      expect(seen).toContain('# session of its own');
    },
  );

  asRoot('has its own folder, and only the standard descriptors; the folder is removed', async () => {
    const { seen } = await attackFrom({ COXSWAIN_PROGRAM_UID: programUid });
    expect(seen).toMatch(new RegExp(`^# folder drwx------ .* ${programUid} +${programUid} `, 'm'));
    const folder = /^# in (.+)$/m.exec(seen)![1]!;
    expect(seen).toContain(`# env HOME=${folder}\n`);
    expect(seen).toContain(`# env TMPDIR=${folder}\n`);
    expect(existsSync(join(folder, '..'))).toBe(false);
    const descriptors = seen.match(/^# fd (\d+)/gm)?.map((line) => Number(line.slice(5)));
    expect(descriptors!.filter((descriptor) => descriptor > 2 && descriptor !== 10)).toEqual([]);
  });

  // The same attack does succeed as the worker's own user: so it would have found what there is to find.
  test('can access the memory of a worker of its own user, but finds no secret in environments and arguments', async () => {
    const { found, seen } = await attackFrom({ COXSWAIN_PROGRAM_UID: ownUid });
    const worker = found.find((line) => line.startsWith('opens /proc/') && line.endsWith('/environ'));
    expect(worker).toBeDefined();
    expect(found).toContain(worker!.replace('environ', 'mem'));
    expect(found).toContain(`opens ${join(crew.fixture.folder, 'data', 'secrets.json')}`);
    expect(seen).not.toContain('AccountKey');
    const environ = await readFile(worker!.replace('opens ', ''), 'latin1');
    expect(environ).toContain('COXSWAIN_VISIBILITY_SECONDS');
    expect(environ).not.toContain('AccountKey');
  });

  /** Starts a worker as a container does, with a descriptor that whoever started it has left open. */
  const startAlone = (settings: Record<string, string>, script: string): ChildProcess => {
    const left = `exec 30<'${join(crew.fixture.folder, 'data', 'secrets.json')}'; exec "$0" "$@"`;
    const child = spawn('/bin/bash', ['-c', left, process.execPath, workerEntry], {
      env: {
        PATH: process.env['PATH'],
        LOG_LEVEL: 'warn',
        ...toProgramSettings({ attack: asJson(script) }),
        ...settings,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    standalone.push(child);
    return child;
  };
  const readable = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'latin1');

  test('finds no secret of a worker that was given its settings by environment', async () => {
    const { files } = await dataFolder();
    const { connectionString } = crew.fixture.azurite;
    const worker = startAlone(
      { COXSWAIN_STORAGE: connectionString, COXSWAIN_PROGRAM_UID: ownUid },
      createAttackScript(files, []),
    );
    const { seen } = await answer(await sendBlocks(crew.fixture, 1, 'attack'));
    expect(seen).not.toContain('AccountKey');
    expect(seen).not.toMatch(/# fd \d+ .*secrets\.json/);
    const environ = await readable(worker.pid!, 'environ');
    expect(environ).not.toContain('AccountKey');
    expect(environ).toContain('COXSWAIN_PROGRAMS=');
    expect(await readable(worker.pid!, 'cmdline')).not.toContain('AccountKey');
    const handover = /COXSWAIN_HANDOVER=([^\0]+)/.exec(environ)![1]!;
    expect(existsSync(handover)).toBe(false);
  });

  asRoot('is another user’s by default, in a container too, whose key is in a file', async () => {
    const { folder, files } = await dataFolder();
    const file = join(folder, 'storage');
    await writeFile(file, `${crew.fixture.azurite.connectionString}\n`, { mode: 0o400 });
    startAlone({ COXSWAIN_STORAGE_FILE: file }, createAttackScript([...files, file], [folder]));
    const { found, seen } = await answer(await sendBlocks(crew.fixture, 1, 'attack'));
    expect(found).toEqual([]);
    expect(seen).toMatch(/^# self Uid (60[89]\d\d|610[0-5]\d)( \1){3}$/m);
    if (existsSync('/usr/bin/setpriv')) expect(seen).toContain('# self NoNewPrivs 1');
    expect(seen).not.toMatch(/# fd \d+ .*secrets\.json/);
  });

  asRoot('cannot cause the removal of others’ files by what it leaves in its folder', async () => {
    const kept = join(crew.fixture.folder, 'kept');
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, 'file'), 'kept');
    await chmod(crew.fixture.folder, 0o755);
    crew.start(
      { link: `ln -s ${kept} link; mkdir closed; touch closed/file; chmod 000 closed; printf '"%s"' "$PWD"` },
      { COXSWAIN_PROGRAM_UID: programUid },
    );
    const [verdict] = await waitForResults(crew.fixture, await sendBlocks(crew.fixture, 1, 'link'), 1);
    const { output } = verdict as { output: { value: string } };
    expect(output.value).toMatch(/\/work$/);
    expect(existsSync(join(output.value, '..'))).toBe(false);
    expect(await readFile(join(kept, 'file'), 'utf8')).toBe('kept');
  });

  const mark = `left-${process.pid}`;
  /** Processes of a user that still run. */
  const running = (uid: number): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const status = readFileSync(`/proc/${pid}/status`, 'utf8');
          const hasEnded = /^State:\tZ/m.test(status) && /^Threads:\t1$/m.test(status);
          return new RegExp(`^Uid:\\t${uid}\\t`, 'm').test(status) && !hasEnded;
        } catch {
          return false;
        }
      });
  /** Leaves the program's group and session, whether it keeps the program's output or not. */
  const away = (script: string, output = '>/dev/null 2>&1'): string =>
    `setsid sh -c '${script}' ${output} </dev/null &`;
  const threaded =
    'import ctypes, threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); ctypes.CDLL(None).pthread_exit(None)';

  asRoot.each<[string, string]>([
    ['goes on', away('while :; do sleep 0.05; done')],
    ['keeps its output', away('while :; do sleep 0.05; done', '')],
    [
      'kills whoever is to end it',
      // Not before the program has ended: it would kill that too.
      `export P=$$; ${away('while kill -0 $P; do sleep 0.01; done; while :; do kill -9 -1; done')}`,
    ],
    ['becomes more and more', away('while :; do (sleep 5 &) ; sleep 0.02; done')],
    [
      'leaves files for the next one',
      `d=$(mktemp -d /tmp/${mark}.XXXXXX); touch $d/x; chmod 000 $d; touch /dev/shm/${mark}.x`,
    ],
    ...(existsSync('/usr/bin/python3')
      ? [
          [
            'ends only its main thread',
            `${away(`exec /usr/bin/python3 -c "${threaded}"`)} while ! grep -q '^State:.Z' /proc/$!/status; do sleep 0.02; done`,
          ] as [string, string],
        ]
      : []),
  ])('ends with what it has started, and leaves nothing, also if that %s', async (_what, script) => {
    crew.start({ stays: `${script}\nid -u` }, byDefault);
    const [verdict] = await waitForResults(crew.fixture, await sendBlocks(crew.fixture, 1, 'stays'), 1);
    const { output } = verdict as { output: { value: number } };
    expect(output.value).toBeGreaterThanOrEqual(60_800);
    const left = ['/tmp', '/dev/shm'].flatMap((folder) =>
      readdirSync(folder).filter((name) => name.startsWith(mark)),
    );
    expect(left).toEqual([]);
    while (running(output.value).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  asRoot('has another user than each program that runs at the same time', async () => {
    const folder = join(crew.fixture.folder, 'meet');
    await mkdir(folder);
    await chmod(crew.fixture.folder, 0o755);
    await chmod(folder, 0o777);
    const meet = `touch ${folder}/$$; until [ $(ls ${folder} | wc -l) = 3 ]; do sleep 0.05; done; id -u`;
    crew.start({ meet }, { ...byDefault, COXSWAIN_SLOTS: '3' });
    const found = await waitForResults(crew.fixture, await sendBlocks(crew.fixture, 3, 'meet'), 3);
    const users = found.map((verdict) => (verdict as { output: { value: number } }).output.value);
    expect(new Set(users).size).toBe(3);
    for (const user of users) expect(user).not.toBe(process.getuid!());
  });

  test('that has left its group, and keeps its output open, delays no block', async () => {
    const pid = crew.file('pid');
    // It answers once the other has left: until then, that dies with the group.
    const stays = `setsid sh -c 'echo $$ > ${pid}; exec sleep 600' & until [ -s ${pid} ]; do sleep 0.05; done; echo 1`;
    crew.start({ stays });
    const [verdict] = await waitForResults(crew.fixture, await sendBlocks(crew.fixture, 1, 'stays'), 1);
    process.kill(Number(await crew.waitForFile('pid')), 'SIGKILL');
    expect(verdict).toMatchObject({ state: 'done', output: { value: 1 } });
  });

  test('cannot run as a user that the system does not allow: the worker reports this at its start', async () => {
    const child = spawn(process.execPath, [workerEntry], {
      env: {
        PATH: process.env['PATH'],
        COXSWAIN_STORAGE: 'UseDevelopmentStorage=true',
        // The highest number is no user: to the system it means "leave the user as it is".
        COXSWAIN_PROGRAM_UID: process.getuid!() === 0 ? '4294967295' : '61060',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(1);
    expect(said).toContain('COXSWAIN_PROGRAM_UID: ');
    expect(said).not.toContain('    at ');
  });
});
