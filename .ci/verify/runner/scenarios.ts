import { isDeepStrictEqual } from 'node:util';
import { findLeaks } from './find-leaks.ts';
import { findPrivileges } from '../images.ts';
import { resourceGroup } from './azure-stage.ts';
import { readSample, type Stage, type TaskEnd } from './stage.ts';

/** What the runner's image must do. `run` returns what is wrong; `note` receives what helps to find out why. */
export type Scenario = {
  name: string;
  run: (stage: Stage, note: (text: string) => void) => Promise<string[]>;
};

const expectEqual = (what: string, actual: unknown, expected: unknown): string[] =>
  isDeepStrictEqual(actual, expected)
    ? []
    : [`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)}`];

const toText = (end: TaskEnd): string => `${end.output}\n${end.log}\n${end.requests.join('\n')}`;

const greet: Scenario = {
  name: 'runs the sample Hello once, although its container is restarted',
  run: async (stage, note) => {
    const order = await stage.createOrder({
      script: await readSample('hello.sh'),
      parameters: { who: 'world' },
    });
    const first = await stage.runOrder(order);
    const second = await stage.runOrder(order);
    note(toText(first) + toText(second));
    return [
      ...expectEqual('the exit code', [first.exitCode, first.exit?.exitCode, second.exitCode], [0, 0, 0]),
      ...expectEqual('the log', second.log, 'Hello, world!\n'),
      ...(second.output.includes('started before') ? [] : ['the second start does not say what it skips']),
      ...expectEqual('the requests to Azure', first.requests, []),
    ];
  },
};

/** Stops a machine, and checks how often a token was requested with and without a client ID. */
const stopMachine = async (
  stage: Stage,
  note: (text: string) => void,
  { machine, script, named, unnamed }: { machine: string; script: string; named: number; unnamed: number },
): Promise<string[]> => {
  const { operator } = stage.azure.identities;
  const order = await stage.createOrder({
    script,
    parameters: { VMName: machine, ResourceGroupName: resourceGroup },
    identity: operator,
  });
  const end = await stage.runOrder(order);
  note(toText(end));
  const tokens = end.requests.filter((request) => request.includes('/metadata/identity/oauth2/token'));
  const withClientId = tokens.filter((request) => request.includes(`client_id=${operator.clientId}`));
  return [
    ...expectEqual('the exit code', [end.exitCode, end.exit?.exitCode], [0, 0]),
    ...expectEqual('the machine', stage.machine(machine)?.powerState, 'PowerState/stopped'),
    ...(withClientId.length >= named ? [] : ['the CLI does not name its identity']),
    ...(unnamed === 0 || tokens.length > withClientId.length ? [] : ['the CLI names its identity']),
  ];
};

const stopByClientId: Scenario = {
  name: 'stops a machine with the sample StopVM, by az login --identity --client-id',
  // The runner's own request, and at least one of the CLI.
  run: async (stage, note) =>
    stopMachine(stage, note, {
      machine: 'web-1',
      script: await readSample('stop-vm-azure.sh'),
      named: 2,
      unnamed: 0,
    }),
};

const stopByOnlyIdentity: Scenario = {
  name: 'stops a machine with the sample StopVM, by az login --identity alone',
  run: async (stage, note) =>
    stopMachine(stage, note, {
      machine: 'web-2',
      script: (await readSample('stop-vm-azure.sh')).replace('\n', '\nunset AZURE_CLIENT_ID\n'),
      named: 1,
      unnamed: 1,
    }),
};

const refuseOther: Scenario = {
  name: 'fails if its identity has no right to stop the machine',
  run: async (stage, note) => {
    const order = await stage.createOrder({
      script: await readSample('stop-vm-azure.sh'),
      parameters: { VMName: 'web-3', ResourceGroupName: resourceGroup },
      identity: stage.azure.identities.pull,
    });
    const end = await stage.runOrder(order);
    note(toText(end));
    return [
      ...(end.exit?.exitCode ? [] : [`the exit code is ${end.exit?.exitCode}`]),
      ...expectEqual('the machine', stage.machine('web-3')?.powerState, 'PowerState/running'),
    ];
  },
};

/** A secret parameter. Nothing but the script may contain it. */
const planted = 'planted-secret-5e0b7d21';

const hideSecrets: Scenario = {
  name: 'runs restricted, hides its order and the secrets of its script, and stops on SIGTERM',
  run: async (stage, note) => {
    const script = `#!/bin/bash
      echo "the password is $Password"
      grep -l -a -e "$Password" -e sig= /proc/1/environ /proc/1/cmdline /proc/1/task/*/environ || echo none
      echo waiting
      while :; do sleep 1; done`;
    const order = await stage.createOrder({
      script,
      parameters: { Password: planted },
      secrets: ['Password'],
    });
    const wrong: string[] = [];
    const end = await stage.runOrder(order, async (container) => {
      await stage.waitForLog(order, 'waiting');
      wrong.push(...(await findPrivileges(container)));
      wrong.push(...findLeaks(planted, order));
      await container.signal('TERM');
    });
    note(toText(end));
    const leaks = [planted, 'sig='].filter((secret) => `${end.output}${end.log}`.includes(secret));
    return [
      ...wrong,
      ...leaks.map((secret) => `its output or log contains ${secret}`),
      ...expectEqual('the log', end.log, 'the password is [redacted]\nnone\nwaiting\n'),
      ...expectEqual(
        'the exit code',
        [end.exitCode, end.exit?.exitCode, end.exit?.signal],
        [0, null, 'SIGTERM'],
      ),
    ];
  },
};

export const scenarios: readonly Scenario[] = [
  greet,
  stopByClientId,
  stopByOnlyIdentity,
  refuseOther,
  hideSecrets,
];
