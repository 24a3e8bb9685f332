// A node with RPC and WebSocket.
import {
  airdropFactory,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  generateKeyPairSigner,
  getSignatureFromTransaction,
  lamports,
  sendAndConfirmTransactionFactory,
  signTransactionMessageWithSigners,
  type Address,
  type Instruction,
} from '@solana/kit';
import { CLOCK_ADDRESS, clockOf, fetchEvents, fetchExisting, toMessage } from '@hanzo/hmm';
import { inject } from 'vitest';
import { wireSize, type Network, type Receipt, type SendConfig } from './network.js';

export class Node implements Network {
  readonly rpc;
  readonly subscriptions;
  private readonly sendAndConfirm;
  private constructor(readonly payer: Network['payer'], private readonly rpcUrl: string, wsUrl: string) {
    this.rpc = createSolanaRpc(rpcUrl);
    this.subscriptions = createSolanaRpcSubscriptions(wsUrl);
    this.sendAndConfirm = sendAndConfirmTransactionFactory({ rpc: this.rpc, rpcSubscriptions: this.subscriptions });
  }

  /** With a new wallet; to the network of the test run, or another one. */
  static async connect({ rpcUrl = inject('rpcUrl'), wsUrl = inject('wsUrl') } = {}): Promise<Node> {
    const node = new Node(await generateKeyPairSigner(), rpcUrl, wsUrl);
    await node.airdrop(node.payer.address);
    return node;
  }

  async airdrop(address: Address): Promise<void> {
    const airdrop = airdropFactory({ rpc: this.rpc as never, rpcSubscriptions: this.subscriptions as never });
    await airdrop({ recipientAddress: address, lamports: lamports(100_000_000_000n), commitment: 'confirmed' });
  }

  async passSlots(count: bigint): Promise<void> {
    const until = (await this.rpc.getSlot({ commitment: 'processed' }).send()) + count;
    while ((await this.rpc.getSlot({ commitment: 'processed' }).send()) < until) await new Promise((r) => setTimeout(r, 50));
  }

  async passSeconds(count: bigint): Promise<void> {
    const { unixTimestamp } = clockOf((await fetchExisting(this.rpc, [CLOCK_ADDRESS], 'processed'))[0]!);
    const params = [{ absoluteTimestamp: Number(unixTimestamp + count + 1n) * 1_000 }];
    const request = { jsonrpc: '2.0', id: 1, method: 'surfnet_timeTravel', params };
    const response = await fetch(this.rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
    const { error } = (await response.json()) as { error?: { message: string } };
    if (error) throw new Error(`surfnet_timeTravel: ${error.message}`);
    await this.passSlots(2n);
  }

  async sign(instructions: readonly Instruction[], { payer = this.payer, ...config }: SendConfig = {}) {
    const { value: lifetime } = await this.rpc.getLatestBlockhash({ commitment: 'confirmed' }).send();
    const transaction = await signTransactionMessageWithSigners(toMessage(instructions, { payer, lifetime, ...config }));
    return { ...transaction, lifetimeConstraint: lifetime };
  }

  async send(instructions: readonly Instruction[], config?: SendConfig): Promise<Receipt> {
    const transaction = await this.sign(instructions, config);
    await this.sendAndConfirm(transaction as never, { commitment: 'confirmed' });
    const signature = getSignatureFromTransaction(transaction);
    const found = await this.rpc
      .getTransaction(signature, { commitment: 'confirmed', encoding: 'base64', maxSupportedTransactionVersion: 0 })
      .send();
    const { logMessages, computeUnitsConsumed } = found!.meta!;
    const events = await fetchEvents(this.rpc, signature);
    return { events, logs: logMessages ?? [], computeUnits: computeUnitsConsumed ?? 0n, size: wireSize(transaction) };
  }
}
