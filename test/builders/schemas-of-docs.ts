import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

const DOCS = join(import.meta.dirname, '../../docs');

// biome-ignore lint/suspicious/noExplicitAny: a document is walked by name
export type Document = any;

export function documentOf(name: string): Document {
  return parse(readFileSync(join(DOCS, name), 'utf8'));
}

/** Checks values against `asyncapi.yaml#/components/schemas/Forecast` and the like; no field may be said that is not described. */
export function schemasOfDocs() {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  for (const name of ['asyncapi.yaml', 'openapi.yaml']) {
    ajv.addSchema({ $id: name, ...closed(documentOf(name)) }, name);
  }
  /** What is wrong with it, in words; empty when nothing is. */
  return (address: string, value: unknown): string[] => {
    const check = ajv.getSchema(address);
    if (check === undefined) return [`no schema at ${address}`];
    check(value);
    return (check.errors ?? []).map((error) => {
      const what = JSON.stringify(error.params);
      return `${error.instancePath} ${error.message} ${what}`;
    });
  };
}

/** Clients pass over fields they do not know; our own are all described. */
function closed(node: Document): Document {
  if (Array.isArray(node)) return node.map(closed);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, one]) => [key, closed(one)]));
  const isObject = typeof node.properties === 'object' && node.type !== undefined;
  return isObject ? { additionalProperties: false, ...copy } : copy;
}
