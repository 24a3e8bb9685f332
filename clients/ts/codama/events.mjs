// Events: Codama's renderers know no event decoder. Their structs go in among the types, and one decoder a language is
// written here; it tells an event by its eight-byte discriminator.
import { definedTypeNode, pascalCase, snakeCase } from '@codama/nodes';

const unwrap = (data) => (data.kind === 'hiddenPrefixTypeNode' ? data.type : data);

/** The program's events: name, discriminator bytes. */
export const eventsOf = (program) =>
  (program.events ?? []).map(({ name, discriminators }) => ({
    name,
    bytes: [...Buffer.from(discriminators[0].constant.value.data, 'hex')],
  }));

/** The program with each event's struct among its types. */
export const withEventTypes = (program) => ({
  ...program,
  definedTypes: [
    ...program.definedTypes,
    ...(program.events ?? []).map(({ name, docs, data }) => definedTypeNode({ name, docs, type: unwrap(data) })),
  ],
});

const HEADER = 'Generated from the IDL. Do not edit: run `npm run generate`.';

export function typescriptEvents(events) {
  const names = events.map(({ name }) => pascalCase(name));
  return `// ${HEADER}
import { containsBytes, type ReadonlyUint8Array } from '@solana/kit';
import {
${names.map((name) => `  get${name}Decoder,\n  type ${name},`).join('\n')}
} from '../types/index.js';

/** An event of the program: its name and its fields. */
export type HmmEvent =
${names.map((name) => `  | { name: '${name}'; data: ${name} }`).join('\n')};

const EVENTS = [
${events
  .map(({ bytes }, i) => `  { name: '${names[i]}', discriminator: [${bytes.join(', ')}], decoder: get${names[i]}Decoder() },`)
  .join('\n')}
] as const;

/** Decodes an event, discriminator first; undefined if it is none of this program's. */
export function decodeHmmEvent(bytes: ReadonlyUint8Array): HmmEvent | undefined {
  const event = EVENTS.find(({ discriminator }) => containsBytes(bytes, new Uint8Array(discriminator), 0));
  return event && ({ name: event.name, data: event.decoder.decode(bytes, 8) } as HmmEvent);
}
`;
}

export function rustEvents(events) {
  const names = events.map(({ name }) => pascalCase(name));
  return `//! ${HEADER}

use borsh::BorshDeserialize;

use crate::generated::types::{${names.join(', ')}};

/// An event of the program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HmmEvent {
${names.map((name) => `    ${name}(${name}),`).join('\n')}
}

${events.map(({ name, bytes }) => `const ${snakeCase(name).toUpperCase()}: [u8; 8] = [${bytes.join(', ')}];`).join('\n')}

impl HmmEvent {
    /// Decodes an event, discriminator first; \`None\` if it is none of this program's or is cut short.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (discriminator, mut body) = bytes.split_first_chunk::<8>()?;
        match *discriminator {
${events.map(({ name }, i) => `            ${snakeCase(name).toUpperCase()} => ${names[i]}::deserialize(&mut body).ok().map(Self::${names[i]}),`).join('\n')}
            _ => None,
        }
    }
}
`;
}
