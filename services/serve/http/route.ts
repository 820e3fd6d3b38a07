import type { Grant } from '../access/grant.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Answer } from './answer.ts';
import type { KeptAnswers } from './kept-answers.ts';

export interface RouteContext {
  readonly feed: LiveFeed;
  readonly grant: Grant;
  readonly kept: KeptAnswers;
  readonly isReady: () => boolean;
  readonly nowMs: () => number;
  readonly metricsText: () => Promise<string>;
}

export interface Route {
  /** `{name}` at the end stands for the rest of the address, slashes included. */
  readonly path: string;
  /** Answered without a token: says nothing but whether the process is well. */
  readonly isOpen: boolean;
  answer(url: URL, context: RouteContext): Answer | Promise<Answer>;
}
