// A market with one pool, made by the generated client.
import { generateKeyPairSigner, getU64Decoder, type Address, type KeyPairSigner } from '@solana/kit';
import { getCreateAccountInstruction } from '@solana-program/system';
import { getInitializeMint2Instruction, getMintSize, getMintToInstruction, TOKEN_PROGRAM_ADDRESS } from '@solana-program/token';
import * as hmm from '@hanzo/hmm';
import type { Network } from './network.js';

export const CREDITS = 1_000_000n; // raw units of a credit
export const UNITS = 1_000_000n; // raw units of a voucher
export const RESOURCES = ['gpu', 'vram', 'cpu', 'net', 'disk', 'tpu', 'fpga', 'npu'];
const TOKENS_OF_PAYER = 10n ** 16n;
/** Raw credits: for all the vouchers of eight resources at up to eight credits, twice and more. */
const BOND = 10n ** 18n;
const YEAR = 365n * 86_400n;
/** What the enclaves of the market run. */
export const MEASUREMENT = new Uint8Array(32).fill(77);

export class Market {
  private constructor(
    readonly network: Network,
    readonly address: Address,
    readonly pool: Address,
    readonly creditMint: Address,
    /** Authority, guardian, creator, worker, verifier: all one, and the network's payer. */
    readonly authority: KeyPairSigner,
    readonly fees: hmm.math.FeeParams,
  ) {}

  static readonly FEES: hmm.math.FeeParams = { marketFee: 3_000, riskFee: 100_000, maxFee: 100_000, burnShare: 250_000, lpShare: 800_000, riskWindow: 150 };

  /**
   * Creates mint, market and pool, and makes the first deposit: 1,000 whole units of each resource at (i + 1) credits each. Units are delivered until
   * `deliveryEnd`, or for ever.
   */
  static async create(network: Network, resources: number, fees: Partial<hmm.math.FeeParams> = {}, deliveryEnd = 0n): Promise<Market> {
    const all = { ...Market.FEES, ...fees };
    const terms = hmm.defaultTerms(CREDITS);
    terms.verification.activation = 1; // a stake that counts at once, nearly
    const authority = network.payer;
    const mint = await generateKeyPairSigner();
    const space = BigInt(getMintSize());
    await network.send([
      getCreateAccountInstruction({ payer: authority, newAccount: mint, lamports: 10_000_000n, space, programAddress: TOKEN_PROGRAM_ADDRESS }),
      getInitializeMint2Instruction({ mint: mint.address, decimals: 6, mintAuthority: authority.address, freezeAuthority: null }),
    ]);
    const [address] = await hmm.findMarketPda({ authority: authority.address, creditMint: mint.address });
    const [pool] = await hmm.findPoolPda({ market: address, id: 0n });
    const market = new Market(network, address, pool, mint.address, authority, all);

    const credits = await market.creditsAccount(authority.address);
    await network.send([
      hmm.createTokenAccount(authority, credits),
      await hmm.getInitializeMarketInstructionAsync({
        authority,
        creditMint: mint.address,
        treasury: credits.address,
        ...all,
        guardian: authority.address,
        genesisHash: new Uint8Array(32),
        ...terms,
      }),
    ]);
    await market.mintCredits(credits.address, TOKENS_OF_PAYER);
    await network.send([
      await hmm.getCreatePoolInstructionAsync({
        creator: authority,
        market: address,
        creditMint: mint.address,
        pool,
        creditTokenProgram: TOKEN_PROGRAM_ADDRESS,
        lambda: 50_000,
        maxLatencyMs: 50,
        privacyTier: 1,
        region: hmm.nameBytes('us-west'),
      }),
    ]);
    for (let i = 0; i < resources; i++) await market.addResource(i, deliveryEnd);
    const most = Array.from({ length: resources }, (_, i) => ({ units: 1_000n * UNITS, credits: 1_000n * BigInt(i + 1) * CREDITS }));
    await market.employ();
    for (let i = 0; i < resources; i++) await market.issue(authority, i, TOKENS_OF_PAYER);
    const state = await market.state();
    await network.send([hmm.createTokenAccount(authority, await hmm.sharesAccount(authority.address, state.pool))]);
    await network.send([await hmm.getDepositInstruction({ state, provider: authority, most, minShares: 1n })]);
    return market;
  }

  /** Makes the authority a worker of the pool: a stake that vouches for its key, a bond, and marks, since the pool has no prices of its own. */
  private async employ(): Promise<void> {
    const { authority, network } = this;
    const state = await this.state();
    const market = hmm.marketOf(state);
    const { minStake } = market.market.verification;
    await this.mintCredits((await this.creditsAccount(authority.address)).address, BOND + minStake);
    await network.send([await hmm.verifiers.createSet(market, authority), await hmm.verifiers.approve(market, authority, MEASUREMENT)]);
    await network.send([
      await hmm.verifiers.stake(market, authority, minStake),
      await hmm.workers.register(state, authority),
      await hmm.workers.depositBond(state, authority.address, authority, BOND),
    ]);
    for (let i = 0; i < state.pool.resourceCount; i++) {
      const price = BigInt(i + 1) << 64n;
      await network.send([await hmm.getSetBootstrapMarkInstructionAsync({ market: this.address, authority, pool: this.pool, resource: i, price })]);
    }
    const since = await this.now();
    while ((await this.now()) < since + 2n) await network.passSlots(3n);
    const worker = await hmm.workers.workerAddress(this.pool, authority.address);
    await this.vouch({ worker, key: authority.address, measurement: MEASUREMENT, capacity: Array(8).fill(1n << 60n), expiry: since + YEAR }, authority);
  }

  /** Has the authority, while it is the only verifier, vouch for a key, which `signer` registers. */
  async vouch(leaf: hmm.workers.KeyLeaf, signer: KeyPairSigner): Promise<void> {
    const { authority, network } = this;
    const tree = await hmm.workers.keyTree(hmm.marketOf(await this.state()), [leaf]);
    const number = (await this.registry()).number + 1n;
    await network.send([
      await hmm.verifiers.propose(tree, authority, 0, number),
      await hmm.verifiers.enact(this.address, await hmm.verifiers.proposalAddress(tree, number), authority.address),
    ]);
    await network.send([await hmm.workers.registerKey(tree, signer, 0)], { payer: signer });
  }

  async registry(): Promise<hmm.Registry> {
    const [address] = await hmm.findRegistryPda({ market: this.address });
    const [account] = await hmm.fetchExisting(this.network.rpc, [address], 'confirmed');
    return hmm.decodeRegistry(account!).data;
  }

  /** Unix seconds on the network. */
  async now(): Promise<bigint> {
    return (await this.state()).clock.unixTimestamp;
  }

  private async addResource(i: number, deliveryEnd: bigint): Promise<void> {
    const [voucherMint] = await hmm.findVoucherMintPda({ pool: this.pool, resource: i });
    await this.network.send([
      hmm.getAddResourceInstruction({
        pool: this.pool,
        creator: this.authority,
        voucherMint,
        name: hmm.nameBytes(RESOURCES[i]!),
        weight: 1_000_000,
        psiScale: i + 1,
        thetaScale: 1,
        minPsi: 1_000n,
        minTheta: 1_000n,
        deliveryEnd,
      }),
    ]);
  }

  state(): Promise<hmm.PoolState> {
    return hmm.fetchPoolState(this.network.rpc, this.pool);
  }

  async creditsAccount(owner: Address): Promise<hmm.TokenAccount> {
    return hmm.creditsAccount(owner, { creditMint: this.creditMint, creditTokenProgram: TOKEN_PROGRAM_ADDRESS } as hmm.Market);
  }

  async mintCredits(token: Address, amount: bigint): Promise<void> {
    await this.network.send([getMintToInstruction({ mint: this.creditMint, token, mintAuthority: this.authority, amount })]);
  }

  /** Mints vouchers to a wallet, against the bond. A worker that has shown nothing yet is worth one half. */
  async issue(owner: { address: Address }, resource: number, units: bigint): Promise<void> {
    const state = await this.state();
    const account = await hmm.vouchersAccount(owner.address, state.pool, resource);
    await this.network.send([
      hmm.createTokenAccount(this.authority, account),
      await hmm.workers.mintVouchers(state, this.authority, { resource, rawUnits: 2n * units, to: owner.address }),
    ]);
  }

  /** A new wallet with lamports and credits. */
  async trader(credits: bigint): Promise<KeyPairSigner> {
    const trader = await generateKeyPairSigner();
    await this.network.airdrop(trader.address);
    const account = await this.creditsAccount(trader.address);
    await this.network.send([hmm.createTokenAccount(this.authority, account)]);
    await this.mintCredits(account.address, credits);
    return trader;
  }

  /** Balance of a token account, raw; 0 if it does not exist. */
  async balance({ address }: { address: Address }): Promise<bigint> {
    return this.amountAt(address, 64);
  }

  /** Supply of a mint, raw. */
  async supply(mint: Address): Promise<bigint> {
    return this.amountAt(mint, 36);
  }

  private async amountAt(address: Address, offset: number): Promise<bigint> {
    const { value } = await this.network.rpc.getMultipleAccounts([address], { encoding: 'base64', commitment: 'confirmed' }).send();
    const account = value[0];
    return account ? getU64Decoder().decode(Buffer.from(account.data[0], 'base64'), offset) : 0n;
  }

  /** Voucher supply + psi + in jobs = issued, for every resource. */
  async identity(): Promise<boolean> {
    const { pool } = await this.state();
    const holds = await Promise.all(
      pool.names.slice(0, pool.resourceCount).map(async (_, i) => (await this.supply(pool.voucherMints[i]!)) + pool.psi[i]! + pool.inJobs[i]! === pool.issued[i]),
    );
    return holds.every(Boolean);
  }
}
