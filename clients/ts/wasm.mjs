// Puts the compiled mathematics into the package: node wasm.mjs IN.wasm
// As text in a module it needs neither a bundler's plugin nor a file beside it, in Node and in a browser.
import { readFileSync, writeFileSync } from 'node:fs';

const [input] = process.argv.slice(2);
const bytes = readFileSync(input);
if (!WebAssembly.validate(bytes)) throw new Error(`${input} is not a WebAssembly module`);
const output = new URL('src/math/module.ts', import.meta.url);
writeFileSync(output, `// hmm-math as WebAssembly, base64. Built from clients/wasm; not edited, not committed.\nexport default '${bytes.toString('base64')}';\n`);
