import { readPolicy } from '../../chatops/policy/index.ts';
import { serveTasks } from '../../runtime/worker-task.ts';

serveTasks(readPolicy);
