// Generates both clients from the IDL.
//
//   node codama/generate.mjs [IDL] [--check]
//
// Writes clients/ts/src/generated and clients/rust/src/generated. With --check it writes nothing and fails when what is
// there is not what the IDL gives.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { rootNodeFromAnchor } from '@codama/nodes-from-anchor';
import { renderVisitor as renderTypescript } from '@codama/renderers-js';
import { renderVisitor as renderRust } from '@codama/renderers-rust';
import { visit } from '@codama/visitors';

import { eventsOf, rustEvents, typescriptEvents, withEventTypes } from './events.mjs';
import { readIdl } from './idl.mjs';
import { withExtras } from './program.mjs';

const CLIENTS = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const GENERATED = 'src/generated';
const RUST_TRAITS = ['borsh::BorshSerialize', 'borsh::BorshDeserialize', 'Clone', 'Debug', 'Eq', 'PartialEq'];
/** Small types that every caller would copy. */
const COPY = ['amounts', 'leg', 'legQuote', 'legTraded', 'refusalData'];

/** Crates that comments mention: the renderer takes them for dependencies and asks for their versions, which nothing uses. */
const MENTIONED = { hmm_job: '0', hmm_math: '0' };

/** Every file below a folder, by its path in it. */
const filesOf = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort()
    : [];

const edit = (path, ...replacements) => {
  const text = replacements.reduce((text, [from, to]) => text.replaceAll(from, to), readFileSync(path, 'utf8'));
  writeFileSync(path, text);
};

/** The renderer writes for bundlers and for an older kit. */
function fixTypescript(folder, events) {
  for (const file of filesOf(folder)) {
    const here = join(folder, file);
    edit(
      here,
      // Node and browsers want whole paths in imports.
      [/(from\s+["'])(\.[^"']*)(["'])/g, (_, before, path, after) => {
        const target = resolve(dirname(here), path);
        return `${before}${path}${existsSync(`${target}.ts`) ? '.js' : '/index.js'}${after}`;
      }],
      // Kit 8 gave the type of an extended client a name of its own.
      [/Omit<T, "hmm"> & \{ hmm: HmmPlugin \}/g, 'ExtendedClient<T, { hmm: HmmPlugin }>'],
      [/\n  type ClientWithTransactionSending,(?=[^]*ExtendedClient<)/g, '$&\n  type ExtendedClient,'],
      // There is no `process` in a browser, and a message is worth its bytes in production too.
      [/process\.env\["NODE_ENV"\] !== "production"/g, 'true'],
    );
  }
  mkdirSync(join(folder, 'events'));
  writeFileSync(join(folder, 'events/index.ts'), typescriptEvents(events));
  edit(join(folder, 'index.ts'), ['export * from "./errors/index.js";', 'export * from "./errors/index.js";\nexport * from "./events/index.js";']);
}

/** The renderer also writes for programs that call this one, and for an RPC crate: a client needs neither. */
function fixRust(folder, events) {
  for (const file of filesOf(folder)) {
    edit(
      join(folder, file),
      [/\n *\/\/\/ `\w+` CPI accounts\.[^]*$/g, '\n'],
      [/\nimpl<'a> TryFrom<&solana_account_info::AccountInfo[^]*$/g, '\n'],
      [/\nimpl From<\w+> for solana_program_error::ProgramError[^]*$/g, '\n'],
      [/[ \t]+$/gm, ''],
      [/\n{3,}/g, '\n\n'],
    );
  }
  rmSync(join(folder, 'shared.rs'));
  writeFileSync(join(folder, 'events.rs'), rustEvents(events));
  edit(join(folder, 'mod.rs'), [/ *pub mod shared;\n/g, ''], ['pub(crate) use programs', 'pub use programs'], [/(\s*)pub mod errors;/g, '$1pub mod errors;$1pub mod events;']);
}

async function generate(idl, into) {
  const description = readIdl(idl);
  const root = rootNodeFromAnchor(description);
  const events = eventsOf(root.program);
  const complete = withExtras({ ...root, program: withEventTypes(root.program) }, description);
  await visit(complete, renderTypescript(join(into, 'ts'), { kitImportStrategy: 'rootOnly', syncPackageJson: false }));
  const overrides = Object.fromEntries(COPY.map((name) => [name, [...RUST_TRAITS, 'Copy']]));
  const traitOptions = { baseDefaults: RUST_TRAITS, overrides };
  const rust = { anchorTraits: false, formatCode: false, syncCargoToml: false, dependencyVersions: MENTIONED, traitOptions };
  await visit(complete, renderRust(join(into, 'rust'), rust));
  fixTypescript(join(into, 'ts', GENERATED), events);
  fixRust(join(into, 'rust', GENERATED), events);
}

/** Paths that differ between what was generated and what is there. */
function stale(fresh, present) {
  const all = new Set([...filesOf(fresh), ...filesOf(present)]);
  const read = (folder, file) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : undefined);
  return [...all].filter((file) => read(fresh, file) !== read(present, file)).map((file) => join(present, file));
}

const args = process.argv.slice(2);
const check = args.includes('--check');
const idl = args.find((arg) => !arg.startsWith('--')) ?? resolve(CLIENTS, '../target/idl/hmm.json');
const scratch = mkdtempSync(join(tmpdir(), 'hmm-generate-'));
try {
  await generate(idl, scratch);
  const pairs = ['ts', 'rust'].map((client) => [join(scratch, client, GENERATED), join(CLIENTS, client, GENERATED)]);
  const differing = pairs.flatMap(([fresh, present]) => stale(fresh, present));
  if (!check) {
    for (const [fresh, present] of pairs) {
      rmSync(present, { recursive: true, force: true });
      cpSync(fresh, present, { recursive: true });
    }
    console.log(`${differing.length} files changed`);
  } else if (differing.length > 0) {
    console.error(`stale generated code (run \`npm run generate\`):\n${differing.join('\n')}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
