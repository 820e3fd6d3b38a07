import type { Actor } from './actor.ts';
import type { World } from './world.ts';

type Fault = (world: World) => string;

/** Everything that goes wrong beside single requests, each by its share. */
const FAULTS: readonly (readonly [share: number, fault: Fault])[] = [
  [4, crashPredict],
  [4, pausePredict],
  [3, cutOffPredict],
  [2, stopPredict],
  [3, rebalance],
  [3, rollStoreBack],
  [1, wipeStore],
  [2, tearStore],
  [2, takeStoreDown],
  [2, hideModels],
  [3, crashGateway],
  [2, pauseGateway],
  [2, cutOffGateway],
  [3, cutConnection],
  [3, restartClient],
  [2, pauseClient],
  [2, loseForecasts],
];

const SHARES = FAULTS.reduce((sum, [share]) => sum + share, 0);

/** Meets the world with faults until the plan's time is over. */
export function keepFailing(world: World): void {
  const { scheduler, plan } = world;
  const { faultEveryMs, durationMs } = plan;
  if (!Number.isFinite(faultEveryMs)) return;
  scheduler.later(scheduler.pick(2 * faultEveryMs), 'a fault', () => {
    if (scheduler.nowMs > durationMs) return;
    scheduler.trace.note(scheduler.nowMs, `FAULT ${chosen(world)(world)}`);
    keepFailing(world);
  });
}

/** From now on nothing more goes wrong; what is paused or cut off comes back by itself. */
export function calm(world: World): void {
  world.network.lossRate = 0;
  world.quirks.repeatRate = 0;
  world.run.broker.losing.clear();
  for (const slot of world.predicts) slot.start();
}

function chosen({ scheduler }: World): Fault {
  let at = scheduler.pick(SHARES);
  const found = FAULTS.find(([share]) => {
    at -= share;
    return at < 0;
  });
  return found?.[1] ?? rebalance;
}

function one<T>({ scheduler }: World, choices: readonly T[]): T {
  return choices[scheduler.pick(choices.length)];
}

function crashPredict(world: World): string {
  const slot = one(world, world.predicts);
  slot.crash();
  return `crash of ${slot.name}`;
}

function pause(world: World, actor: Actor | null, mostMs: number): string {
  if (actor === null) return 'nobody to pause';
  const ms = world.scheduler.pick(mostMs);
  actor.pausedUntilMs = world.scheduler.nowMs + ms;
  world.run.group.silent(actor, ms);
  return `pause of ${actor.name} for ${ms}`;
}

function pausePredict(world: World): string {
  return pause(world, one(world, world.predicts).actor, 3 * world.plan.sessionMs);
}

/** It goes on while the group and the store do not hear of it. */
function cutOffPredict(world: World): string {
  const { actor } = one(world, world.predicts);
  if (actor === null) return 'nobody to cut off';
  const ms = world.scheduler.pick(3 * world.plan.sessionMs);
  actor.cutOffUntilMs = world.scheduler.nowMs + ms;
  world.run.group.silent(actor, ms);
  return `cut off ${actor.name} for ${ms}`;
}

function stopPredict(world: World): string {
  const slot = one(world, world.predicts);
  void slot.stop(false);
  return `stop of ${slot.name}`;
}

function rebalance(world: World): string {
  world.run.group.rebalance();
  return 'rebalance';
}

function rollStoreBack(world: World): string {
  const count = 1 + world.scheduler.pick(12);
  world.store.server.rollBack(count);
  return `store back by ${count} writes`;
}

function wipeStore(world: World): string {
  world.store.server.wipe();
  return 'store wiped';
}

function tearStore(world: World): string {
  const key = world.key(world.scheduler.pick(world.plan.partitionCount));
  const field = world.store.server.tear(key, (count) => world.scheduler.pick(count));
  if (field !== null) world.tearCount += 1;
  return `tore ${field} of ${key}`;
}

function takeStoreDown(world: World): string {
  const ms = world.scheduler.pick(400);
  world.store.downUntilMs = world.scheduler.nowMs + ms;
  return `store down for ${ms}`;
}

function hideModels(world: World): string {
  const ms = world.scheduler.pick(1_500);
  world.models.hide(world.scheduler.nowMs + ms);
  return `models hidden for ${ms}`;
}

function crashGateway(world: World): string {
  const slot = one(world, world.gateways);
  slot.crash();
  return `crash of ${slot.name}`;
}

function pauseGateway(world: World): string {
  return pause(world, one(world, world.gateways).actor, 500);
}

/** It serves on, and lags behind the others. */
function cutOffGateway(world: World): string {
  const { actor } = one(world, world.gateways);
  if (actor === null) return 'nobody to cut off';
  const ms = world.scheduler.pick(600);
  actor.cutOffUntilMs = world.scheduler.nowMs + ms;
  return `cut off ${actor.name} for ${ms}`;
}

function cutConnection(world: World): string {
  const slot = one(world, world.gateways);
  slot.cutOne();
  return `cut a connection of ${slot.name}`;
}

function restartClient(world: World): string {
  const slot = one(world, world.clients);
  slot.restart();
  return `restart of ${slot.check.name}`;
}

function pauseClient(world: World): string {
  return pause(world, one(world, world.clients).actor, 700);
}

/** The log breaks its promise: readers of forecasts must notice, and clients must be told. */
function loseForecasts({ plan, run, scheduler }: World): string {
  const partition = scheduler.pick(plan.partitionCount);
  if (!plan.losesForecasts) return 'nothing lost';
  run.broker.losing.add(partition);
  return `the next forecasts of ${partition} lost`;
}
