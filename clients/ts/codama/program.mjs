// What the IDL cannot say: the addresses that depend on a stored number, and the remaining accounts.
import {
  accountValueNode,
  argumentValueNode,
  assertIsNode,
  constantPdaSeedNode,
  instructionRemainingAccountsNode,
  numberTypeNode,
  pdaLinkNode,
  pdaNode,
  pdaSeedValueNode,
  pdaValueNode,
  publicKeyTypeNode,
  publicKeyValueNode,
  stringTypeNode,
  stringValueNode,
  variablePdaSeedNode,
} from '@codama/nodes';
import { setInstructionAccountDefaultValuesVisitor, updateInstructionsVisitor, visit } from '@codama/visitors';

const address = (name) => variablePdaSeedNode(name, publicKeyTypeNode());
const number = (name, format) => variablePdaSeedNode(name, numberTypeNode(format));

/** Every PDA of the program: its name, the constant with its first seed, its other seeds. */
const PDAS = [
  ['market', 'MARKET_SEED', address('authority'), address('creditMint')],
  ['pool', 'POOL_SEED', address('market'), number('id', 'u64')],
  ['creditVault', 'VAULT_SEED', address('pool')],
  ['lpMint', 'LP_SEED', address('pool')],
  ['observations', 'OBSERVATIONS_SEED', address('pool')],
  ['voucherMint', 'VOUCHER_SEED', address('pool'), number('resource', 'u8')],
];

/** Where the token metadata program keeps the name of a mint. */
const METADATA_PROGRAM = 'metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s';
const METADATA = pdaNode({
  name: 'metadata',
  programId: METADATA_PROGRAM,
  seeds: [
    constantPdaSeedNode(stringTypeNode('utf8'), stringValueNode('metadata')),
    constantPdaSeedNode(publicKeyTypeNode(), publicKeyValueNode(METADATA_PROGRAM)),
    address('mint'),
  ],
});

/** Accounts of any instruction that follow from the pool alone. */
const OF_POOL = ['creditVault', 'lpMint', 'observations'];

/** Instructions that take a voucher mint and the user's account of it for each leg or resource. */
const WITH_VOUCHERS = ['swap', 'addLiquidity', 'removeLiquidity'];

/** A seed as the IDL's constant of that name has it. */
function seed(idl, name) {
  const constant = idl.constants.find((constant) => constant.name === name);
  if (constant === undefined) throw new Error(`the IDL has no constant ${name}`);
  const text = String.fromCharCode(...JSON.parse(constant.value));
  return constantPdaSeedNode(stringTypeNode('utf8'), stringValueNode(text));
}

export function withExtras(root, idl) {
  const own = [...PDAS.map(([name, constant, ...seeds]) => pdaNode({ name, seeds: [seed(idl, constant), ...seeds] })), METADATA];
  const names = new Set(own.map(({ name }) => name));
  const pdas = [...root.program.pdas.filter(({ name }) => !names.has(name)), ...own];
  const withPdas = { ...root, program: { ...root.program, pdas } };

  const derived = (name, from) => ({
    account: name,
    defaultValue: pdaValueNode(pdaLinkNode(name), [pdaSeedValueNode(from, accountValueNode(from))]),
  });
  const program = { account: 'program', defaultValue: publicKeyValueNode(root.program.publicKey, root.program.name) };
  const withDefaults = visit(withPdas, setInstructionAccountDefaultValuesVisitor([program, derived('metadata', 'mint'), ...OF_POOL.map((name) => derived(name, 'pool'))]));

  const remainingAccounts = [
    instructionRemainingAccountsNode(argumentValueNode('vouchers'), {
      isWritable: true,
      docs: ['For each leg or resource, in order: its voucher mint, then the user\'s account of it.'],
    }),
  ];
  const complete = visit(
    withDefaults,
    updateInstructionsVisitor({
      ...Object.fromEntries(WITH_VOUCHERS.map((name) => [name, { remainingAccounts }])),
      // An account of this instruction has the argument's name.
      proposeAuthority: { arguments: { authority: { name: 'proposed' } } },
    }),
  );
  assertIsNode(complete, 'rootNode');
  return complete;
}
