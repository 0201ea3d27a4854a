import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { JobId } from '../formats/ids.ts';
import { readJson } from '../formats/problem.ts';
import type { RunnerOrder } from '../launcher/port.ts';

const link = v.pipe(v.string(), v.url('expected a URL with a SAS'));

/** A runner's order, as its launcher hands it over: see `RunnerOrder` for what each part means. */
const Order = v.object({
  job: JobId,
  image: v.string(),
  parameters: v.record(v.string(), v.string()),
  secrets: v.array(v.string()),
  timeoutSeconds: v.pipe(v.number(), v.gtValue(0)),
  sha256: v.nullable(v.string()),
  links: v.object({ script: link, started: link, log: link, exit: link }),
});

/** A launcher that does not hand over its order within this time is taken for gone. */
const patienceMilliseconds = 30_000;

/**
 * The order that this runner was started with. In a container it comes as JSON in the secure setting `COXSWAIN_ORDER`; on
 * one machine, over the IPC channel. Its links are secrets, and a script of the same user can read the environment with
 * which its runner was *started* (`/proc/<pid>/environ`, where deleting a variable changes nothing): so a runner that finds
 * its order there replaces itself, under the same pid, by one whose environment never held it.
 * @throws if no order comes, or not one
 */
export const receiveOrder = async (): Promise<RunnerOrder> => {
  const setting = process.env['COXSWAIN_ORDER'];
  if (setting !== undefined) return startAgainWithout(setting);
  const file = process.env['COXSWAIN_ORDER_FILE'];
  return parsed(file === undefined ? await overChannel() : onceFrom(file));
};

const parsed = (text: string): RunnerOrder => {
  const order = readJson(Order, text);
  // The problem's own message may quote what came, and with it a link.
  if (!order.ok)
    throw new Error(
      `The order does not fit at ${order.problem.field ?? 'its JSON'}: expected ${order.problem.expected}`,
    );
  return order.value;
};

const startAgainWithout = (order: string): never => {
  const folder = mkdtempSync(join(tmpdir(), 'order-'));
  const file = join(folder, 'order');
  writeFileSync(file, order, { mode: 0o600 });
  const { COXSWAIN_ORDER: _, ...environment } = process.env;
  return process.execve!(
    process.execPath,
    [process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    {
      ...environment,
      COXSWAIN_ORDER_FILE: file,
    },
  );
};

const onceFrom = (file: string): string => {
  const text = readFileSync(file, 'utf8');
  rmSync(dirname(file), { recursive: true });
  return text;
};

const overChannel = (): Promise<string> =>
  new Promise((resolve, reject) => {
    if (!process.channel) {
      reject(
        new Error(
          'A runner is started by a launcher: with its order in COXSWAIN_ORDER, or over an IPC channel.',
        ),
      );
      return;
    }
    const late = setTimeout(() => reject(new Error('No order came')), patienceMilliseconds);
    const gone = () => reject(new Error('The launcher is gone'));
    process.once('disconnect', gone);
    process.once('message', (message: { order?: unknown }) => {
      clearTimeout(late);
      process.off('disconnect', gone);
      resolve(JSON.stringify(message.order ?? null));
    });
  });
