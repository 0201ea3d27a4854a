import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type ProgramResult } from './run.ts';

/** A run of one of our workflows, with everything that GitHub provides. */
export type WorkflowRun = {
  /** The workflow's file in `.github/workflows`, without `.yml`. */
  workflow: string;
  event: string;
  /** The content of the file at `GITHUB_EVENT_PATH`. */
  payload: object;
  actor: string;
  variables?: Readonly<Record<string, string>>;
  secrets?: Readonly<Record<string, string>>;
  /** Environment variables of the steps, in addition to those of act. */
  environment?: Readonly<Record<string, string>>;
};

/**
 * Runs a workflow under act on this machine, without containers. The checkout is a copy of the tree without ignored files. act stores its
 * files in a temporary folder, which is removed.
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

/** Run steps on this machine, without a container engine and without act's servers. */
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
  // Names only: act reads the values from its environment, so that they are not visible in the list of processes.
  ...Object.keys(workflowRun.secrets ?? {}).map((name) => `--secret=${name}`),
  ...toOptionPairs('--var', workflowRun.variables),
  ...toOptionPairs('--env', workflowRun.environment),
];

const toOptionPairs = (option: string, values: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`]);
