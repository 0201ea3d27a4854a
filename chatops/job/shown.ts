import type { TaskDefinition } from '../../compute/client/index.ts';
import type { Command } from '../command/index.ts';
import type { StartIntent } from './request.ts';

/** A command without its parameters, for answers given before anyone knows which of them are secret. */
export const shortForm = ({ name, positionals }: Command): string => [`/${name}`, ...positionals].join(' ');

/** The canonical command as it is shown and stored: the values of secret parameters are masked. */
export const shownForm = (
  command: Command,
  intent: StartIntent,
  catalogue: readonly TaskDefinition[],
): string => {
  const secrets = intent.kind === 'run' ? secretsOf(intent.taskName, catalogue) : [];
  const parameters = Object.keys(command.parameters);
  if (!parameters.some((name) => secrets.includes(name))) return command.canonical;
  const shown = parameters
    .toSorted()
    .map((name) => `${name}=${secrets.includes(name) ? '***' : command.parameters[name]}`);
  return [shortForm(command), ...shown].join(' ');
};

const secretsOf = (task: string, catalogue: readonly TaskDefinition[]): string[] => {
  const definition = catalogue.find(({ taskName }) => taskName === task);
  return (definition?.scriptParameters ?? [])
    .filter(({ secret }) => secret)
    .map(({ parameterName }) => parameterName);
};
