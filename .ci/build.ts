import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { buildCli, cliFile } from './cli-bundle.ts';
import { nodeBundle, orchestratorTarget } from './node-bundle.ts';

/*
 * `npm run build` creates one file per deployable in dist/. Each requires only Node, which is checked at the end. `npm run build -- bot
 * worker` creates only these.
 */

type Deployable = {
  entry: string;
  /** The expected output without any settings. */ says: RegExp;
};

const allDeployables: Record<string, Deployable> = {
  bot: { entry: 'bot/main.ts', says: /ORCHESTRATOR_URL/ },
  orchestrator: { entry: 'compute/orchestrator/main.ts', says: /COXSWAIN_STORAGE/ },
  worker: { entry: 'compute/worker/main.ts', says: /COXSWAIN_STORAGE/ },
  'embedded-orchestrator': { entry: 'local/embedded-orchestrator/main.ts', says: /COXSWAIN_STORAGE/ },
  runner: { entry: 'compute/runner/main.ts', says: /COXSWAIN_ORDER/ },
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(allDeployables, name));
if (unknown.length > 0)
  throw new Error(
    `unknown: ${unknown.join(', ')}; expected some of ${Object.keys(allDeployables).join(', ')}`,
  );
const isWhole = names.length === 0;
const deployables = Object.entries(allDeployables).filter(([name]) => isWhole || names.includes(name));

const bundle = (name: string): string => `dist/${name}.mjs`;

const byTarget = Object.groupBy(deployables, ([name]) =>
  name === 'orchestrator' ? orchestratorTarget : 'node24',
);

await rm('dist', { recursive: true, force: true });
if (isWhole) await buildCli();
for (const [target, programs = []] of Object.entries(byTarget))
  await build({
    ...nodeBundle(target),
    entryPoints: Object.fromEntries(programs.map(([name, { entry }]) => [name, entry])),
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    sourcemap: 'linked',
  });

const elsewhere = await mkdtemp(join(tmpdir(), 'coxswain-build-'));
const checkAlone = async (file: string, says: RegExp, args: readonly string[] = []): Promise<void> => {
  const alone = join(elsewhere, basename(file));
  await cp(file, alone);
  const { stderr } = spawnSync(process.execPath, [alone, ...args], {
    env: {},
    encoding: 'utf8',
    timeout: 20_000,
  });
  if (!says.test(stderr)) throw new Error(`${file} does not start on its own: ${stderr.slice(-2_000)}`);
  const { size } = await stat(file);
  console.log(`${file}  ${Math.round(size / 1024)} kB`);
};

for (const [name, { says }] of deployables) await checkAlone(bundle(name), says);
if (isWhole) await checkAlone(cliFile, /is not running with the data folder/, ['jobs']);
await rm(elsewhere, { recursive: true });
