import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type ProgramResult } from './run.ts';

/** One run of a workflow of ours, and all that GitHub would give it. */
export type WorkflowRun = {
  /** The workflow's file in `.github/workflows`, without `.yml`. */
  workflow: string;
  event: string;
  /** What stands in `GITHUB_EVENT_PATH`. */
  payload: object;
  actor: string;
  variables?: Readonly<Record<string, string>>;
  secrets?: Readonly<Record<string, string>>;
  /** What the steps have in their environment besides what act sets. */
  environment?: Readonly<Record<string, string>>;
};

/**
 * Runs a workflow under act on this machine, without containers: checkout is a copy of the tree, without what git ignores.
 * All that act keeps goes into a folder of its own, which is removed.
 */
export const runWorkflow = async (act: string, workflowRun: WorkflowRun): Promise<ProgramResult> => {
  const home = await mkdtemp(join(tmpdir(), 'coxswain-act-'));
  try {
    const payload = join(home, 'event.json');
    await writeFile(payload, JSON.stringify(workflowRun.payload));
    return await run([act, ...buildArguments(workflowRun, payload)], {
      limitSeconds: 300,
      environment: {
        ...workflowRun.secrets,
        HOME: home,
        XDG_CACHE_HOME: join(home, 'cache'),
        XDG_CONFIG_HOME: join(home, 'config'),
        // Node 24 first: act starts the Action with the `node` that it finds.
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        ACT_DISABLE_VERSION_CHECK: '1',
      },
    });
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
};

/** Steps run on this machine, no container engine is looked for, and nothing of act's own listens. */
const alone = [
  '--platform',
  'ubuntu-latest=-self-hosted',
  '--container-daemon-socket',
  '-',
  '--no-cache-server',
];

const buildArguments = (workflowRun: WorkflowRun, payload: string): string[] => [
  workflowRun.event,
  `--workflows=.github/workflows/${workflowRun.workflow}.yml`,
  `--eventpath=${payload}`,
  `--actor=${workflowRun.actor}`,
  '--defaultbranch=main',
  ...alone,
  // Named only: act takes a secret's value from its environment, where no list of processes shows it.
  ...Object.keys(workflowRun.secrets ?? {}).map((name) => `--secret=${name}`),
  ...toOptionPairs('--var', workflowRun.variables),
  ...toOptionPairs('--env', workflowRun.environment),
];

const toOptionPairs = (option: string, values: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
