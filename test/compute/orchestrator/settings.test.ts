import { expect, test } from '@jest/globals';
import { OrchestratorSettings } from '../../../compute/orchestrator/settings.ts';
import { readSettings } from '../../../runtime/settings.ts';

const required = { COXSWAIN_STORAGE: 'UseDevelopmentStorage=true', COXSWAIN_KEY: 'k'.repeat(24) };

test.each(['INPUTS', 'BLOCKS', 'SECONDS', 'INPUT_BYTES'])(
  'the bound of %s is read under both names',
  (bound) => {
    const warnings: string[] = [];
    const read = (name: string) =>
      readSettings(OrchestratorSettings, { ...required, [name]: '7' }, (message) => warnings.push(message));
    expect(read(`COXSWAIN_MAX_${bound}`)).toMatchObject({ [`COXSWAIN_MAX_${bound}`]: 7 });
    expect(warnings).toEqual([]);
    expect(read(`COXSWAIN_MOST_${bound}`)).toMatchObject({ [`COXSWAIN_MAX_${bound}`]: 7 });
    expect(warnings).toEqual([expect.stringContaining(`COXSWAIN_MAX_${bound}`)]);
  },
);
