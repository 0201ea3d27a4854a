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

/** A run spec from the launcher; `RunSpec` explains its fields. */
const RunSpecSchema = v.object({
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
});

/** The timeout for the launcher to send the run spec. */
const timeoutMilliseconds = 30_000;

/**
 * Returns the run spec of this runner. In a container, it is JSON in the setting `COXSWAIN_ORDER`; on one machine, the launcher sends it
 * over the IPC channel.
 * @throws Error if no run spec arrives, or an invalid one
 */
export const receiveRunSpec = async (order: string | undefined): Promise<RunSpec> => {
  const spec = parseRunSpec(order ?? (await receiveOverChannel()));
  const { parameters, secrets } = spec;
  const { files, ...links } = spec.links;
  const allLinks = [...Object.values(links), ...(files ? [files.record, ...files.files] : [])];
  [...allLinks, ...secrets.map((name) => parameters[name])].forEach((secret) => registerSecret(secret));
  return spec;
};

/** Parses a run spec. @throws Error that names the invalid field, without its value, which can be a secret */
export const parseRunSpec = (text: string): RunSpec => {
  const result = parseJson(RunSpecSchema, text);
  // The problem's own message quotes what was received, and with it a link.
  if (!result.ok)
    throw new Error(
      `The run spec is invalid at ${result.problem.field ?? 'its JSON'}: expected ${result.problem.expected}`,
    );
  const { files, ...links } = result.value.links;
  return { ...result.value, links: { ...links, ...(files ? { files } : {}) } };
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
