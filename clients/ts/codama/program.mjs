// What the IDL cannot say: the addresses that depend on a stored number, and the remaining accounts.
import {
  accountValueNode,
  argumentValueNode,
  assertIsNode,
  bytesTypeNode,
  constantPdaSeedNode,
  fixedSizeTypeNode,
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
const digest = (name) => variablePdaSeedNode(name, fixedSizeTypeNode(bytesTypeNode(), 32));

/** Every PDA of the program: its name, the constant with its first seed, its other seeds. */
const PDAS = [
  ['market', 'MARKET_SEED', address('authority'), address('creditMint')],
  ['pool', 'POOL_SEED', address('market'), number('id', 'u64')],
  ['creditVault', 'VAULT_SEED', address('pool')],
  ['lpMint', 'LP_SEED', address('pool')],
  ['observations', 'OBSERVATIONS_SEED', address('pool')],
  ['voucherMint', 'VOUCHER_SEED', address('pool'), number('resource', 'u8')],
  ['bond', 'BOND_SEED', address('worker')],
  ['job', 'JOB_SEED', address('client'), number('id', 'u64')],
  ['assignment', 'ASSIGNMENT_SEED', address('job'), number('index', 'u8')],
  ['round', 'ROUND_SEED', address('assignment'), number('number', 'u8')],
  ['rootProposal', 'ROOT_SEED', address('registry'), number('number', 'u64'), number('depth', 'u8'), digest('root')],
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

/** Accounts that follow from one other account of their instruction: name, the PDA it is, the account that is its one seed. */
const FOLLOWING = [
  ['creditVault', 'creditVault', 'pool'],
  ['lpMint', 'lpMint', 'pool'],
  ['observations', 'observations', 'pool'],
  ['metadata', 'metadata', 'mint'],
  ['vault', 'bond', 'worker'],
  ['workerVault', 'bond', 'worker'],
  ['verifierSet', 'verifierSet', 'market'],
  ['stakeVault', 'stakeVault', 'verifierSet'],
  ['bonusVault', 'bonusVault', 'market'],
  ['registry', 'registry', 'market'],
  ['escrow', 'escrow', 'job'],
];

/** Sysvars that instructions read, by the names of their accounts. */
const SYSVARS = [
  ['slotHashes', 'SysvarS1otHashes111111111111111111111111111'],
  ['instructions', 'Sysvar1nstructions1111111111111111111111111'],
];

const OF_LEGS = ['vouchers', true, 'For each leg or resource, in order: its voucher mint, then the user\'s account of it.'];

/** Instructions with remaining accounts: the argument that has them, whether they are writable, what they are. */
const REMAINING = {
  swap: OF_LEGS,
  addLiquidity: OF_LEGS,
  removeLiquidity: OF_LEGS,
  claimJob: ['vouchers', true, 'For each line that is claimed: its pool, its voucher mint, the client\'s account of it.'],
  draw: ['earlier', false, 'In a dispute: every earlier round of the assignment, in order.'],
  claimAssignment: ['payees', true, 'A token account of each payee.'],
};

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
  // A worker's vault is its bond: there are other vaults.
  const pdas = [...root.program.pdas.filter(({ name }) => !names.has(name) && name !== 'vault'), ...own];
  const withPdas = { ...root, program: { ...root.program, pdas } };

  const derived = ({ name: instruction, accounts }) => {
    const names = new Set(accounts.map(({ name }) => name));
    return FOLLOWING.filter(([account, , from]) => names.has(account) && names.has(from)).map(([account, pda, from]) => ({
      account,
      instruction,
      defaultValue: pdaValueNode(pdaLinkNode(pda), [pdaSeedValueNode(from, accountValueNode(from))]),
    }));
  };
  const fixed = (account, ...value) => ({ account, defaultValue: publicKeyValueNode(...value) });
  const withDefaults = visit(
    withPdas,
    setInstructionAccountDefaultValuesVisitor([
      fixed('program', root.program.publicKey, root.program.name),
      ...SYSVARS.map(([account, at]) => fixed(account, at)),
      ...root.program.instructions.flatMap(derived),
    ]),
  );

  const remaining = Object.entries(REMAINING).map(([instruction, [argument, isWritable, docs]]) => [
    instruction,
    { remainingAccounts: [instructionRemainingAccountsNode(argumentValueNode(argument), { isWritable, docs: [docs] })] },
  ]);
  const complete = visit(
    withDefaults,
    updateInstructionsVisitor({
      ...Object.fromEntries(remaining),
      // An account of this instruction has the argument's name.
      proposeAuthority: { arguments: { authority: { name: 'proposed' } } },
    }),
  );
  assertIsNode(complete, 'rootNode');
  return complete;
}
