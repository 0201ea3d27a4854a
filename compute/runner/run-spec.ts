import * as v from 'valibot';
import { insecureAddress } from '../../runtime/secure-address.ts';
import { environmentWithSecrets } from '../../runtime/secret-settings.ts';
import { registerSecret } from '../../runtime/secrets.ts';
import { JobId } from '../../contracts/ids.ts';
import { readJson } from '../../contracts/problem.ts';
import type { RunnerOrder } from '../launcher/port.ts';

const secureLink = 'expected an https URL with a SAS, or a URL of a host in COXSWAIN_ALLOW_HTTP';
const link = v.pipe(
  v.string(),
  v.url('expected a URL with a SAS'),
  v.check((url) => insecureAddress(url) === undefined, secureLink),
);

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

/** The setting with a container's order, which is a secret. */
export const orderName = 'COXSWAIN_ORDER';

/**
 * Returns the order that this runner was started with. In a container, it is JSON in the setting `COXSWAIN_ORDER` (its links are
 * secrets, see `runtime/clean-start.ts`) or in the file in `COXSWAIN_ORDER_FILE`; on one machine, it comes over the IPC channel.
 * @throws if no order comes, or not one
 */
export const receiveOrder = async (): Promise<RunnerOrder> => {
  const { [orderName]: order } = await environmentWithSecrets([orderName]);
  return parsed(order === undefined ? await overChannel() : order);
};

const parsed = (text: string): RunnerOrder => {
  const order = readJson(Order, text);
  // The problem's own message may quote what came, and with it a link.
  if (!order.ok)
    throw new Error(
      `The order does not fit at ${order.problem.field ?? 'its JSON'}: expected ${order.problem.expected}`,
    );
  const { links, parameters, secrets } = order.value;
  [...Object.values(links), ...secrets.map((name) => parameters[name])].forEach((secret) =>
    registerSecret(secret),
  );
  return order.value;
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
