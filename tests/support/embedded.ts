// The program in process: LiteSVM, with as much of an RPC over it as the client's helpers use.
import {
  generateKeyPairSigner,
  getBase64Decoder,
  getBase64Encoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  lamports,
  signTransactionMessageWithSigners,
  type Address,
  type Base64EncodedWireTransaction,
  type Instruction,
  type ReadonlyUint8Array,
} from '@solana/kit';
import { eventsOf, HMM_PROGRAM_ADDRESS, toMessage } from '@hanzo/hmm';
import { FailedTransactionMetadata, LiteSVM, type TransactionMetadata } from 'litesvm';
import { MAX_WIRE_SIZE, PROGRAM, wireSize, type Network, type Receipt, type SendConfig } from './network.js';

/** A failed transaction, with its logs where an RPC error has them. */
export class TransactionFailed extends Error {
  readonly context: { logs: readonly string[] };
  constructor(failed: FailedTransactionMetadata) {
    super(failed.toString());
    this.context = { logs: failed.meta().logs() };
  }
}

const base64 = (bytes: Uint8Array) => getBase64Decoder().decode(bytes);

export class Embedded implements Network {
  readonly svm = new LiteSVM();
  private constructor(readonly payer: Network['payer']) {
    this.svm.addProgramFromFile(HMM_PROGRAM_ADDRESS, PROGRAM);
    this.svm.warpToSlot(1_000n);
    this.setTime(1_800_000_000n);
  }

  static async start(): Promise<Embedded> {
    const network = new Embedded(await generateKeyPairSigner());
    await network.airdrop(network.payer.address);
    return network;
  }

  /** The bytes of an account; throws if there is none. */
  data(address: Address): Uint8Array {
    const account = this.svm.getAccount(address);
    if (!account.exists) throw new Error(`no account ${address}`);
    return account.data as Uint8Array;
  }

  async airdrop(address: Address): Promise<void> {
    this.svm.airdrop(address, lamports(100_000_000_000n));
  }

  async passSlots(count: bigint): Promise<void> {
    const { slot, unixTimestamp } = this.svm.getClock();
    this.svm.warpToSlot(slot + count);
    this.setTime(unixTimestamp + (count * 2n) / 5n);
  }

  async passSeconds(count: bigint): Promise<void> {
    await this.passSlots((count * 5n + 1n) / 2n);
    this.hashSlots();
  }

  private setTime(unixTimestamp: bigint): void {
    const clock = this.svm.getClock();
    clock.unixTimestamp = unixTimestamp;
    this.svm.setClock(clock);
  }

  /** The VM makes no blocks: gives the slots before this one the hashes that draws ask for. */
  private hashSlots(): void {
    const { slot } = this.svm.getClock();
    this.svm.setSlotHashes(Array.from({ length: 512 }, (_, i) => ({ slot: slot - BigInt(i) - 1n, hash: this.svm.latestBlockhash() })));
  }

  /** Size of the transaction on the wire, and the transaction. */
  async sign(instructions: readonly Instruction[], { payer = this.payer, ...config }: SendConfig = {}) {
    const lifetime = { blockhash: this.svm.latestBlockhash(), lastValidBlockHeight: 0n };
    return signTransactionMessageWithSigners(toMessage(instructions, { payer, lifetime, ...config }));
  }

  async send(instructions: readonly Instruction[], config?: SendConfig): Promise<Receipt> {
    const transaction = await this.sign(instructions, config);
    const size = wireSize(transaction); // the VM takes any
    if (size > MAX_WIRE_SIZE) throw new Error(`the transaction has ${size} bytes, ${MAX_WIRE_SIZE} are allowed`);
    const result = this.svm.sendTransaction(transaction);
    this.svm.expireBlockhash();
    if (result instanceof FailedTransactionMetadata) throw new TransactionFailed(result);
    return { ...receipt(result, transaction), size };
  }

  /** The two methods that the client's helpers call. */
  readonly rpc = {
    getMultipleAccounts: (addresses: readonly Address[]) => ({
      send: async () => ({
        context: { slot: this.svm.getClock().slot },
        value: addresses.map((address) => {
          const account = this.svm.getAccount(address);
          if (!account.exists) return null;
          const { data, executable, lamports, programAddress: owner, space } = account;
          return { data: [base64(data as Uint8Array), 'base64'], executable, lamports, owner, space };
        }),
      }),
    }),
    simulateTransaction: (wire: Base64EncodedWireTransaction, { accounts }: { accounts?: { addresses: readonly Address[] } } = {}) => ({
      send: async () => {
        const transaction = getTransactionDecoder().decode(getBase64Encoder().encode(wire));
        const result = this.svm.withSigverify(false).withBlockhashCheck(false).simulateTransaction(transaction as never);
        this.svm.withSigverify(true).withBlockhashCheck(true);
        const meta = result.meta();
        const data = meta.returnData().data();
        const after = result instanceof FailedTransactionMetadata ? [] : result.postAccounts();
        return {
          context: { slot: this.svm.getClock().slot },
          value: {
            err: result instanceof FailedTransactionMetadata ? result.toString() : null,
            logs: meta.logs(),
            accounts: accounts?.addresses.map((address) => {
              const account = after.find((one) => one.address === address);
              return account === undefined ? null : { data: [base64(account.data as Uint8Array), 'base64'] };
            }),
            returnData: data.length > 0 ? { data: [base64(data), 'base64'], programId: HMM_PROGRAM_ADDRESS } : null,
          },
        };
      },
    }),
  } as unknown as Network['rpc'];
}

/** The VM names programs by their place in the message; a program is never loaded from a lookup table. */
function receipt(meta: TransactionMetadata, transaction: { messageBytes: ReadonlyUint8Array }): Omit<Receipt, 'size'> {
  const { staticAccounts } = getCompiledTransactionMessageDecoder().decode(transaction.messageBytes);
  const inner = meta.innerInstructions().flatMap((of) => of.map((one) => one.instruction()));
  const events = eventsOf(inner.map((one) => ({ programAddress: staticAccounts[one.programIdIndex()]!, data: one.data() })));
  return { events, logs: meta.logs(), computeUnits: meta.computeUnitsConsumed() };
}
