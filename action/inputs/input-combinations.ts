import { commandInputs } from './input-definitions.ts';
import type { Inputs } from './inputs.ts';

/** A sweep does what is left to do, and nothing that it is told. */
const checkSweepInputs = (inputs: Inputs): string[] =>
  ([...commandInputs, 'reply-to'] as const)
    .filter((name) => inputs[name] !== undefined)
    .map(
      (name) =>
        `Input ${name}: expected nothing beside mode "sweep", received a value. Leave it out, or leave mode out.`,
    );

/** What is wrong with inputs that go together, or do not. */
export const checkCombinations = (inputs: Inputs): string[] => {
  if (inputs.mode === 'validate') return [];
  const commands = commandInputs.filter((name) => inputs[name] !== undefined);
  const mistakes: string[] = [];
  if (inputs.mode === 'sweep') mistakes.push(...checkSweepInputs(inputs));
  else if (commands.length > 1) {
    const received = commands.join(' and ');
    mistakes.push(
      `Inputs ${received}: expected one of command, task and compute, received ${received}. Leave out all but one.`,
    );
  }
  if (inputs.algorithm !== undefined && inputs.compute === undefined)
    mistakes.push(
      'Input algorithm: expected only beside compute, received without it. Set compute, or leave algorithm out.',
    );
  if (inputs['orchestrator-url'] === undefined)
    mistakes.push(
      'Input orchestrator-url: expected an address such as https://orchestrator.example.com, received nothing. Set it under "with" of this step.',
    );
  return [...mistakes, ...checkEntraInputs(inputs)];
};

/** What is wrong with the inputs that name an application of Entra. A key is used without them. */
const checkEntraInputs = (inputs: Inputs): string[] => {
  if (inputs['orchestrator-key'] !== undefined) return [];
  const names = ['azure-client-id', 'azure-tenant-id'] as const;
  const missing = names.filter((each) => inputs[each] === undefined);
  if (missing.length === names.length) return [];
  const mistakes = missing.map(
    (each) =>
      `Input ${each}: expected both ${names.join(' and ')}, received the other alone. Set it, too, or leave out both.`,
  );
  if (inputs.audience === undefined)
    mistakes.push(
      'Input audience: expected the orchestrator\'s application in Entra, such as api://00001111-aaaa-2222-bbbb-3333cccc4444, received nothing. Set it under "with" of this step.',
    );
  return mistakes;
};
