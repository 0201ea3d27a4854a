import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { findAddressProblem } from '../../runtime/secure-address.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { JobId } from '../../contracts/ids.ts';
import { parseJson } from '../../contracts/problem.ts';
import type { RunSpec } from '../launcher/port.ts';

const expectedLink = 'expected an https URL with a SAS, or a URL of a host in COXSWAIN_ALLOW_HTTP';
const link = v.pipe(
  v.string(),
  v.url('expected a URL with a SAS'),
  v.check((url) => findAddressProblem(url) === undefined, expectedLink),
);

/**
 * What a launcher sends to a runner: the run spec, and the managed identity that the task's definition names. The launcher resolves what
 * the definition asks of the runner.
 */
export type RunOrder = Omit<RunSpec, 'runner'> & { identity?: { clientId: string } };

/** An order from the launcher; `RunSpec` explains its fields. */
const RunOrderSchema = v.object({
  job: JobId,
  image: v.string(),
  parameters: v.record(v.string(), v.string()),
  secrets: v.array(v.string()),
  timeoutSeconds: v.pipe(v.number(), v.gtValue(0)),
  sha256: v.nullable(v.string()),
  links: v.object({
    script: link,
    started: link,
    log: link,
    exit: link,
    files: v.optional(v.object({ record: link, files: v.array(link) })),
  }),
  identity: v.optional(v.object({ clientId: v.pipe(v.string(), v.uuid()) })),
});

/** The timeout for the launcher to send the order. */
const timeoutMilliseconds = 30_000;

/**
 * Returns the order of this runner. In a container, it is in the setting `COXSWAIN_ORDER`; on one machine, the launcher sends it over the
 * IPC channel.
 * @throws Error if no order arrives, or an invalid one
 */
export const receiveOrder = async (setting: string | undefined): Promise<RunOrder> => {
  const order = parseRunSpec(setting === undefined ? await receiveOverChannel() : decodeOrder(setting));
  const { parameters, secrets } = order;
  const { files, ...links } = order.links;
  const allLinks = [...Object.values(links), ...(files ? [files.record, ...files.files] : [])];
  [...allLinks, ...secrets.map((name) => parameters[name])].forEach((secret) => registerSecret(secret));
  return order;
};

/** The maximum size of an order, in bytes of JSON. */
const maxOrderBytes = 16 * 1024 * 1024;

/** Returns the JSON of an order, which can be the base64 of its gzip. @throws Error without the text, which contains secrets */
const decodeOrder = (text: string): string => {
  if (text.trimStart().startsWith('{')) return text;
  try {
    return gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: maxOrderBytes }).toString();
  } catch {
    throw new Error('COXSWAIN_ORDER is invalid: expected JSON, or gzipped JSON in base64');
  }
};

/** Parses an order. @throws Error that names the invalid field, without its value, which can be a secret */
export const parseRunSpec = (text: string): RunOrder => {
  const result = parseJson(RunOrderSchema, text);
  // The problem's own message quotes what was received, and with it a link.
  if (!result.ok)
    throw new Error(
      `The run spec is invalid at ${result.problem.field ?? 'its JSON'}: expected ${result.problem.expected}`,
    );
  const { identity, links, ...order } = result.value;
  const { files, ...otherLinks } = links;
  return {
    ...order,
    links: { ...otherLinks, ...(files ? { files } : {}) },
    ...(identity ? { identity } : {}),
  };
};

const receiveOverChannel = (): Promise<string> =>
  new Promise((resolve, reject) => {
    if (!process.channel) {
      reject(
        new Error('A launcher starts the runner, with a run spec in COXSWAIN_ORDER or over an IPC channel.'),
      );
      return;
    }
    const timer = setTimeout(() => reject(new Error('No run spec arrived in time')), timeoutMilliseconds);
    const onDisconnect = () => reject(new Error('The launcher exited'));
    process.once('disconnect', onDisconnect);
    process.once('message', (message: { order?: unknown }) => {
      clearTimeout(timer);
      process.off('disconnect', onDisconnect);
      resolve(JSON.stringify(message.order ?? null));
    });
  });
