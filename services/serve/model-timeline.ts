import type { ModelEvent } from '#shared/forecast/model-event.ts';
import type { WireModelEvent } from '#shared/wire/model-event.ts';

const EVENTS_KEPT = 256;

/** The newest events of `models`, oldest first; one that was appended again after a crash counts once. */
export class ModelTimeline {
  #events: WireModelEvent[] = [];

  get events(): readonly WireModelEvent[] {
    return this.#events;
  }

  /** @returns the event as clients see it, or null when it is known */
  take(event: ModelEvent): WireModelEvent | null {
    const isKnown = this.#events.some((old) => old.id === event.id && old.event === event.event);
    if (isKnown) return null;
    const wire = wireModelEvent(event);
    this.#events = [...this.#events, wire].slice(-EVENTS_KEPT);
    return wire;
  }

  /** sha256 of the newest model that was switched to. */
  currentSha(): string | null {
    return this.#events.findLast((event) => event.event === 'switched')?.sha ?? null;
  }
}

function wireModelEvent(event: ModelEvent): WireModelEvent {
  return {
    event: event.event,
    id: event.id,
    sha: event.event === 'switched' ? event.sha : null,
    parentSha: event.event === 'switched' ? event.parentSha : null,
    reason: event.event === 'refused' ? event.reason : null,
    ...(event.event === 'boundary' ? NOT_YET : event.report),
  };
}

/** What a training that has only begun can say of itself. */
const NOT_YET = {
  eventTimeNs: null,
  lossBefore: null,
  lossAfter: null,
  updates: null,
  clippedUpdates: null,
  skippedUpdates: null,
  gradientNorm: null,
  gradientReach: [],
  forgetTicks: null,
};
