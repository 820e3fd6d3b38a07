/**
 * What a symbol's values are: `price` is above zero and is forecast as a log return in basis points; `value` is any finite real
 * and is forecast as a difference in raw units.
 */
export type Measure = 'price' | 'value';
