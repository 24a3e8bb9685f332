// Reads an Anchor 2 IDL in the form that Codama understands.
import { readFileSync } from 'node:fs';

/**
 * Anchor 2 writes its alignment-1 wrappers (`PodBool`, `PodU128`, …) as alias types, which Codama does not know: every
 * use of an alias becomes the type behind it. And Codama drops the types of events: a copy under another name stays.
 */
export function readIdl(path) {
  const idl = JSON.parse(readFileSync(path, 'utf8'));
  const aliases = new Map();
  for (const { name, type } of idl.types ?? []) if (type.kind === 'type') aliases.set(name, type.alias);

  const inline = (node) => {
    if (Array.isArray(node)) return node.map(inline);
    if (node === null || typeof node !== 'object') return node;
    const alias = aliases.get(node.defined?.name);
    if (alias !== undefined) return inline(alias);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inline(value)]));
  };

  const types = (idl.types ?? []).filter(({ name }) => !aliases.has(name));
  return inline({ ...idl, types });
}
