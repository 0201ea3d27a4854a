import { readPolicy } from '../../chatops/policy/index.ts';
import { serveTasks } from '../../runtime/serve-tasks.ts';

serveTasks(readPolicy);
