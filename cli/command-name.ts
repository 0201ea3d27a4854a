import { existsSync } from 'node:fs';

/** Whether this is a clone of the repository, in which npm finds the command; elsewhere, it was installed from the release. */
const isClone = existsSync(new URL('../cli/coxswain.ts', import.meta.url));

/** How a person starts the command. In a clone without --no-install, npm would offer to install somebody else's package of this name. */
export const commandName = isClone ? 'npx --no-install coxswain' : 'coxswain';
