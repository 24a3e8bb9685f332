// A network: what it is, and transactions on it.
import {
  airdropFactory,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  getBase58Encoder,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  lamports,
  sendAndConfirmTransactionFactory,
  signTransactionMessageWithSigners,
} from '@solana/kit';
import { HmmRefusal, toMessage } from '@hanzo/hmm';

const commitment = 'confirmed';

export class Network {
  /** Signs and pays. */
  payer;

  /** Asks the network what it is. */
  static async connect(url, wsUrl) {
    const rpc = createSolanaRpc(url);
    try {
      return new Network(url, rpc, createSolanaRpcSubscriptions(wsUrl), await rpc.getVersion().send(), await rpc.getGenesisHash().send());
    } catch (error) {
      throw new Error(`${url} does not answer: ${error.cause?.message ?? error.message}`);
    }
  }

  constructor(url, rpc, rpcSubscriptions, version, genesis) {
    this.url = url;
    this.rpc = rpc;
    this.genesis = genesis;
    this.genesisBytes = getBase58Encoder().encode(genesis);
    const surfnet = version['surfnet-version'];
    /** A surfnet has cheat codes and airdrops, and nothing on it is worth anything. */
    this.local = surfnet !== undefined;
    this.kind = this.local ? `local network (surfnet ${surfnet})` : `solana-core ${version['solana-core']}`;
    this.sendAndConfirm = sendAndConfirmTransactionFactory({ rpc, rpcSubscriptions });
    this.requestAirdrop = airdropFactory({ rpc, rpcSubscriptions });
  }

  /** An account with its bytes, or null. */
  async account(address) {
    const { value } = await this.rpc.getAccountInfo(address, { commitment, encoding: 'base64' }).send();
    return value && { ...value, data: Buffer.from(value.data[0], 'base64') };
  }

  async airdrop(amount) {
    await this.requestAirdrop({ recipientAddress: this.payer.address, lamports: lamports(amount), commitment });
  }

  async sign(instructions) {
    const { value: lifetime } = await this.rpc.getLatestBlockhash({ commitment }).send();
    const transaction = await signTransactionMessageWithSigners(toMessage(instructions, { payer: this.payer, lifetime }));
    return { ...transaction, lifetimeConstraint: lifetime };
  }

  /** Sends a transaction and waits for it; an error says what the program refused. */
  async send(what, instructions) {
    const transaction = await this.sign(instructions);
    try {
      await this.sendAndConfirm(transaction, { commitment });
    } catch (error) {
      const reason = HmmRefusal.fromError(error)?.message ?? [error.message, error.cause?.message, ...(error.context?.logs ?? [])].filter(Boolean).join('\n  ');
      throw new Error(`${what}, transaction ${getSignatureFromTransaction(transaction)}: ${reason}`);
    }
  }

  /** The index of the instruction that would fail, undefined if all would go through. */
  async failingInstruction(what, instructions) {
    const wire = getBase64EncodedWireTransaction(await this.sign(instructions));
    const { value } = await this.rpc.simulateTransaction(wire, { commitment, encoding: 'base64' }).send();
    const index = value.err?.InstructionError?.[0];
    if (value.err !== null && index === undefined) throw new Error(`${what}: ${JSON.stringify(value.err)}`);
    return index === undefined ? undefined : Number(index);
  }

  /** Writes a program; a cheat code of surfnets. */
  async writeProgram(address, elf) {
    const request = { jsonrpc: '2.0', id: 1, method: 'surfnet_writeProgram', params: [address, elf.toString('hex'), 0] };
    const response = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
    const { error } = await response.json();
    if (error) throw new Error(`surfnet_writeProgram: ${error.message}`);
  }
}
