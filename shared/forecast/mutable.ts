/** The same with fields that may be written: what the fold fills anew at every use, since it makes no objects but what it hands out. */
export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
