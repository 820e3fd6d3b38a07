import type { CellKind } from '#shared/nn/cells/cell-kinds.ts';

/** What a subject is there to show; `decaying` is the trace, whose gradient fades as its time constants say. */
export type Role = 'vanishing' | 'exploding' | 'clipped' | 'decaying' | 'surviving';

/** A cell, how it begins and how it is trained. */
export interface Subject {
  readonly name: string;
  readonly kind: CellKind;
  readonly role: Role;
  /** The recurrent weights are scaled to this spectral radius; null: as the cell begins. */
  readonly radius: number | null;
  /** Largest global norm of a gradient; Infinity: not clipped. */
  readonly clipNorm: number;
}

const SMALL_RADIUS = 0.8;
const LARGE_RADIUS = 4;
const CLIP_NORM = 1;

/** Cells without gates come three times: with small weights, with large ones, and with large ones and clipping. */
export function subjectsOf(kinds: readonly CellKind[]): Subject[] {
  return kinds.flatMap(subjectsOfKind);
}

function subjectsOfKind(kind: CellKind): Subject[] {
  const [large, clipNorm] = [LARGE_RADIUS, CLIP_NORM];
  switch (kind) {
    case 'rnn':
    case 'rnn-relu':
      return [
        { name: `${kind}, small weights`, kind, role: 'vanishing', radius: SMALL_RADIUS, clipNorm },
        {
          name: `${kind}, large weights`,
          kind,
          role: 'exploding',
          radius: large,
          clipNorm: Infinity,
        },
        { name: `${kind}, large, clipped`, kind, role: 'clipped', radius: large, clipNorm },
      ];
    case 'trace':
      return [{ name: kind, kind, role: 'decaying', radius: null, clipNorm }];
    case 'lstm':
    case 'gru':
      return [{ name: kind, kind, role: 'surviving', radius: null, clipNorm }];
  }
}
