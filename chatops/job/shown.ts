import type { TaskDefinition } from '../../compute/client/index.ts';
import { canonicalOf, type Command, type StartIntent } from '../command/index.ts';

/** A command without its parameters, for answers given before anyone knows which of them are secret. */
export const shortForm = ({ name, positionals: [subject] }: Command): string =>
  subject === undefined ? `/${name}` : `/${name} ${subject}`;

/** The canonical command as it is shown and stored: the values of secret parameters are masked. */
export const shownForm = (
  command: Command,
  intent: StartIntent,
  catalogue: readonly TaskDefinition[],
): string => {
  const secrets = intent.kind === 'run' ? secretsOf(intent.taskName, catalogue) : [];
  const shown = Object.entries(command.parameters).map(([name, value]) => [
    name,
    secrets.includes(name) ? '***' : value,
  ]);
  return canonicalOf({ ...command, parameters: Object.fromEntries(shown) });
};

const secretsOf = (task: string, catalogue: readonly TaskDefinition[]): string[] => {
  const definition = catalogue.find(({ taskName }) => taskName === task);
  return (definition?.scriptParameters ?? [])
    .filter(({ secret }) => secret)
    .map(({ parameterName }) => parameterName);
};
