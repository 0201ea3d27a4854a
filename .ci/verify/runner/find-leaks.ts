import { readdirSync, readFileSync } from 'node:fs';
import type { RunOrder } from '../../../compute/runner/run-spec.ts';

/**
 * Returns which processes of this machine, in all containers, have a secret or a link of an order in their arguments, or in an environment
 * other than the script's own.
 */
export const findLeaks = (secret: string, { links }: RunOrder): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const argv = readText(`/proc/${pid}/cmdline`);
      const environment = readText(`/proc/${pid}/environ`);
      const isScript = environment.includes('COXSWAIN_OUTPUT_DIR=');
      const signatures = [links.script, links.exit].map(
        (link) => new URL(link).searchParams.get('sig') ?? link,
      );
      const forms = [...signatures, ...signatures.map(encodeURIComponent)];
      const isLeak = (text: string, values: readonly string[]) =>
        values.some((value) => text.includes(value));
      return [
        ...(isLeak(argv, [secret, ...forms]) ? [`the arguments of process ${pid} contain a secret`] : []),
        ...(isLeak(environment, isScript ? forms : [secret, ...forms])
          ? [`the environment of process ${pid} contains a secret`]
          : []),
      ];
    });

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
};
