import { Broker } from './broker.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { PartitionOracle } from './oracle.ts';
import type { Plan } from './plan.ts';
import type { Scheduler } from './scheduler.ts';
import { ARTEFACTS } from './settings.ts';
import { StoreCheck } from './store-check.ts';
import { StreamCheck } from './stream-check.ts';
import { type PartitionTape, tapeOf } from './tape.ts';
import type { Violations } from './violations.ts';

export interface SimulatedRunOptions {
  readonly name: string;
  readonly plan: Pick<Plan, 'partitionCount' | 'tickCount' | 'switchCount' | 'sessionMs'>;
  readonly scheduler: Scheduler;
  readonly violations: Violations;
}

/** One life of the log: what it will hold, what must come of it, and who watches that. */
export class SimulatedRun {
  readonly name: string;
  readonly broker: Broker;
  readonly group: ConsumerGroup;
  readonly tapes: readonly PartitionTape[];
  readonly oracles: readonly PartitionOracle[];
  readonly stream: StreamCheck;
  readonly states: StoreCheck;

  constructor({ name, plan, scheduler, violations }: SimulatedRunOptions) {
    const { partitionCount, tickCount, switchCount, sessionMs } = plan;
    this.name = name;
    this.broker = new Broker(name, partitionCount);
    this.group = new ConsumerGroup(scheduler, partitionCount, sessionMs);
    const switches = ARTEFACTS.slice(1, 1 + switchCount).map(({ sha }) => sha);
    this.tapes = tapeOf({ seed: name, partitionCount, tickCount, switches });
    this.oracles = this.tapes.map((tape, p) => new PartitionOracle(p, tape));
    this.stream = new StreamCheck(this.oracles, violations);
    this.states = new StoreCheck(this.oracles, this.stream, violations);
    this.broker.onAppended = (...what) => this.stream.appended(...what);
  }
}
