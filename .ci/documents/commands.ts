import { commandNames, specs } from '../../chatops/command/index.ts';

/** `docs/commands.md`: every command as it describes itself. */
export const commandsPage = (): string =>
  `# Commands\n\n${commandNames.map((name) => `## ${specs[name].usage}`).join('\n\n')}\n`;
