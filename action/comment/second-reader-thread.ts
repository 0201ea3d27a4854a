import { visibleLines } from '../../chatops/command/second/visible-lines.ts';
import { serveTasks } from '../../runtime/worker-task.ts';

serveTasks(visibleLines);
