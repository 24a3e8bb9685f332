// People who work on a market: verifiers with stakes, a worker with a bond, a key and vouchers in the pool, a client. The steps of a job, each a
// transaction of whoever does it. The books of all their vaults.
import { fetchEncodedAccounts, generateKeyPairSigner, type Address, type Instruction, type KeyPairSigner } from '@solana/kit';
import * as hmm from '@hanzo/hmm';
import { CREDITS, Market, MEASUREMENT, UNITS } from './market.js';
import type { Network, Receipt } from './network.js';

const YEAR = 365n * 86_400n;
/** The resource that the worker sells and the jobs want. */
export const GPU = 0;
const REPORT: hmm.rounds.Report = {
  reportDigest: new Uint8Array(32).fill(3),
  outputRoot: new Uint8Array(32).fill(4),
  traceRoot: new Uint8Array(32).fill(5),
  usage: [20n * UNITS, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
};

/** A transaction that was sent. */
export interface Sent {
  what: string;
  by: string;
  /** Bytes on the wire. */
  size: number;
  computeUnits: bigint;
}

export class Work {
  /** Transactions since the last look at them. */
  private sent: Sent[] = [];

  private constructor(
    readonly network: Network,
    readonly market: Market,
    /** All with the same stake; the first is the market's authority. */
    readonly verifiers: readonly KeyPairSigner[],
    readonly worker: KeyPairSigner,
    /** What the worker works in. */
    readonly enclave: KeyPairSigner,
    readonly client: KeyPairSigner,
  ) {}

  static async create(network: Network, verifiers: number): Promise<Work> {
    const market = await Market.create(network, 1);
    const person = () => market.trader(10_000n * CREDITS);
    const others = [];
    while (others.length + 1 < verifiers) others.push(await person());
    const work = new Work(network, market, [market.authority, ...others], await person(), await generateKeyPairSigner(), await person());
    await work.stake();
    await work.vouch();
    await work.supply();
    return work;
  }

  private async stake(): Promise<void> {
    const market = await this.marketState();
    const { minStake } = market.market.verification;
    for (const verifier of this.verifiers.slice(1)) await this.network.send([await hmm.verifiers.stake(market, verifier, minStake)], { payer: verifier });
    await this.network.send([await hmm.verifiers.fundBonus(market, this.market.authority, 100n * CREDITS)]);
    await this.network.passSeconds(2n); // until the stakes count
  }

  /** Registers the worker, whose key two thirds of the verifiers vouch for. */
  private async vouch(): Promise<void> {
    const { market, network, worker } = this;
    const state = await market.state();
    await network.send(
      [await hmm.workers.register(state, worker, { profile: 'https://worker.example' }), await hmm.workers.depositBond(state, worker.address, worker, 1_000n * CREDITS)],
      { payer: worker },
    );
    const leaf = {
      worker: await this.workerAddress(),
      key: this.enclave.address,
      measurement: MEASUREMENT,
      capacity: Array<bigint>(8).fill(1_000_000n * UNITS),
      expiry: (await market.now()) + YEAR,
    };
    const tree = await hmm.workers.keyTree(hmm.marketOf(state), [leaf, { ...leaf, key: worker.address }]);
    const number = (await market.registry()).number + 1n;
    const [first, ...others] = await Promise.all(this.verifiers.map(async (verifier) => ({ verifier, place: await this.place(verifier) })));
    const proposal = await hmm.verifiers.proposalAddress(tree, number);
    const needed = Math.ceil((2 * this.verifiers.length) / 3) - 1;
    const votes = others.slice(0, needed).map(({ verifier, place }) => hmm.verifiers.vote(market.address, verifier, place, proposal));
    await network.send([await hmm.verifiers.propose(tree, first!.verifier, first!.place, number), ...(await Promise.all(votes))]);
    await network.send([await hmm.verifiers.enact(market.address, proposal, first!.verifier.address)]);
    await network.send([await hmm.workers.registerKey(tree, worker, 0)], { payer: worker });
  }

  private async supply(): Promise<void> {
    const supply = await hmm.workers.supply(await this.market.state(), this.worker, { resource: GPU, rawUnits: 200n * UNITS, minProceeds: 90n * CREDITS });
    await this.network.send([supply], { payer: this.worker });
  }

  // --- what is there

  async marketState(): Promise<hmm.MarketState> {
    return hmm.marketOf(await this.market.state());
  }

  workerAddress(): Promise<Address> {
    return hmm.workers.workerAddress(this.market.pool, this.worker.address);
  }

  job(address: Address): Promise<hmm.jobs.JobState> {
    return hmm.jobs.fetchState(this.network.rpc, address);
  }

  /** The job with its first assignment. */
  async trial(address: Address): Promise<[hmm.jobs.JobState, hmm.jobs.Part]> {
    const state = await this.job(address);
    return [state, hmm.jobs.partOf(state, 0)];
  }

  async status(address: Address): Promise<hmm.JobStatus> {
    const { job, parts, clock } = await this.job(address);
    return hmm.jobStatus(job, parts.map(({ assignment }) => assignment), clock.unixTimestamp);
  }

  async verifierSet(): Promise<hmm.VerifierSet> {
    const [address] = await hmm.findVerifierSetPda({ market: this.market.address });
    return hmm.decodeVerifierSet(await this.account(address)).data;
  }

  async workerState(address?: Address): Promise<hmm.Worker> {
    return hmm.decodeWorker(await this.account(address ?? (await this.workerAddress()))).data;
  }

  private async account(address: Address) {
    return (await hmm.fetchExisting(this.network.rpc, [address], 'confirmed'))[0]!;
  }

  private async place(verifier: KeyPairSigner): Promise<number> {
    return hmm.verifiers.place(await this.verifierSet(), verifier.address)!;
  }

  /** Credits in somebody's wallet. */
  async credits(owner: Address): Promise<bigint> {
    return this.market.balance(await this.market.creditsAccount(owner));
  }

  // --- the steps of a job

  /** Sends a transaction and notes it. */
  async send(what: string, by: KeyPairSigner, instructions: readonly Instruction[]): Promise<Receipt> {
    const receipt = await this.network.send(instructions, { payer: by, computeUnitLimit: 600_000 });
    const names = new Map([[this.client.address, 'client'], [this.worker.address, 'worker'], ...this.verifiers.map((key, i) => [key.address, `verifier ${i}`] as const)]);
    const { size, computeUnits } = receipt;
    this.sent.push({ what, by: names.get(by.address) ?? 'anybody', size, computeUnits });
    return receipt;
  }

  /** The transactions since the last call. */
  takeSent(): Sent[] {
    return this.sent.splice(0);
  }

  /** Fifty units of the resource at three credits at most; half an hour to assign, ten minutes more to start, an hour more to submit. */
  async spec(over: Partial<hmm.jobs.JobSpec> = {}): Promise<hmm.jobs.JobSpec> {
    const now = await this.market.now();
    return {
      lines: [{ pool: this.market.pool, resource: GPU, wanted: 50n * UNITS, maxPrice: 3n * CREDITS }],
      modelRoot: new Uint8Array(32).fill(1),
      inputRoot: new Uint8Array(32).fill(2),
      regions: ['us-west'],
      minQuality: 400_000,
      budget: 200n * CREDITS,
      assignBy: now + 1_800n,
      startBy: now + 2_400n,
      submitBy: now + 6_000n,
      ...over,
    };
  }

  /** Opens the client's next job, and registers the client before its first; gives the job's address. */
  async open(over: Partial<hmm.jobs.JobSpec> = {}): Promise<Address> {
    const { market, client, network } = this;
    const [address] = await hmm.findClientPda({ market: market.address, owner: client.address });
    const [account] = await fetchEncodedAccounts(network.rpc, [address]);
    const id = account?.exists ? hmm.decodeClient(account).data.jobs : 0n;
    const open = await hmm.jobs.open(await this.marketState(), client, id, await this.spec(over));
    if (account?.exists) await this.send('open_job', client, [open]);
    else await this.send('register_client, open_job', client, [await hmm.jobs.register(market.address, client), open]);
    return hmm.jobs.jobAddress(market.address, client.address, id);
  }

  /** The instructions that buy `units` and name the worker for them. */
  async placing(job: Address, units: bigint): Promise<Instruction[]> {
    const [state, pool] = [await this.job(job), await this.market.state()];
    const legs = [hmm.unlimited({ resource: GPU, kind: hmm.LegKind.BuyExactOut, amount: units })];
    return [await hmm.jobs.fill(state, this.client, pool, legs), await hmm.jobs.assign(state, this.client, pool.address, await this.workerAddress(), [units])];
  }

  async placeWith(job: Address, units: bigint): Promise<Receipt> {
    return this.send('fill, assign', this.client, await this.placing(job, units));
  }

  async start(job: Address): Promise<Receipt> {
    return this.send('start', this.worker, [await hmm.jobs.start(...(await this.trial(job)), this.worker)]);
  }

  /** The instructions that attest, as `signer`, with what `enclave` signs. */
  async attesting(job: Address, { signer = this.worker, enclave = this.enclave, report = REPORT } = {}): Promise<Instruction[]> {
    const [state, part] = await this.trial(job);
    const signed = await hmm.rounds.sign(state, part, enclave, MEASUREMENT, report);
    return hmm.rounds.submit(state, part, signer, report, { ...signed, key: this.enclave.address });
  }

  async attest(job: Address, report?: hmm.rounds.Report): Promise<Receipt> {
    return this.send('ed25519, submit_attestation', this.worker, await this.attesting(job, { ...(report && { report }) }));
  }

  /** Lets the time pass until `at`. */
  async passTo(at: bigint): Promise<void> {
    const left = at - (await this.market.now());
    if (left > 0n) await this.network.passSeconds(left);
  }

  /** Lets the time of the assignment's window pass. */
  async passWindow(job: Address): Promise<void> {
    const [, { assignment }] = await this.trial(job);
    await this.passTo(assignment.until);
  }

  /** Lets the time pass until the next committee can be drawn, by the clock and by the slot. */
  async passToDraw(job: Address): Promise<void> {
    await this.passWindow(job);
    const [{ clock }, { assignment }] = await this.trial(job);
    if (clock.slot <= assignment.drawSlot) await this.network.passSlots(assignment.drawSlot + 2n - clock.slot);
    await this.network.passSeconds(1n);
  }

  /** Draws a committee that gives these scores: whoever sits first draws and commits at once, whoever reveals last has the votes counted. */
  async judge(job: Address, ...scores: number[]): Promise<Receipt> {
    const market = await this.marketState();
    const [state, part] = await this.trial(job);
    const drawn = (await hmm.rounds.simulateDraw(this.network.rpc, state, part, this.market.authority))!;
    const round = await hmm.rounds.roundAddress(part, drawn.number);
    const seats = drawn.seats.slice(0, drawn.seatCount).map((seat, i) => ({
      seat: i,
      verifier: this.verifiers.find(({ address }) => address === seat.verifier)!,
      vote: { score: scores[i] ?? scores.at(-1)!, deltaI: 30n, deltaU: -10n, salt: hmm.verifiers.newSalt() },
    }));
    for (const { seat, verifier, vote } of seats) {
      const commit = await hmm.verifiers.commit(market, round, seat, verifier, vote);
      if (seat > 0) await this.send('commit', verifier, [commit]);
      else await this.send('draw, commit', verifier, [await hmm.rounds.draw(state, part, verifier), commit]);
    }
    for (const { seat, verifier, vote } of seats.slice(0, -1)) await this.send('reveal', verifier, [await hmm.verifiers.reveal(market, round, seat, verifier, vote)]);
    const { seat, verifier, vote } = seats.at(-1)!;
    const tally = await hmm.rounds.tally(...(await this.trial(job)));
    return this.send('reveal, tally', verifier, [await hmm.verifiers.reveal(market, round, seat, verifier, vote), tally]);
  }

  /** Settles, and pays the worker out. Closes the assignment, where nobody else is owed anything. */
  async settle(job: Address): Promise<Receipt> {
    const [state, part] = await this.trial(job);
    const claim = await hmm.workers.claim(await this.market.state(), this.worker.address);
    return this.send('settle, claim_worker, claim_assignment', this.market.authority, [await hmm.rounds.settle(state, part), claim, await hmm.rounds.claim(state, part)]);
  }

  /** Closes the job, pays it out to its client, and closes the rounds that are left. */
  async close(job: Address, rounds: readonly Address[] = []): Promise<Receipt> {
    const state = await this.job(job);
    const instructions = [await hmm.jobs.close(state, this.market.authority), await hmm.jobs.claim(this.claimable(state), [await this.market.state()])];
    for (const address of rounds) instructions.push(await hmm.rounds.closeRound(address, await hmm.rounds.fetchRound(this.network.rpc, address)));
    return this.send('close_job, claim_job, close_round', this.market.authority, instructions);
  }

  /** The job as it will be once it is closed: vouchers that are not assigned are the client's to claim. */
  private claimable(state: hmm.jobs.JobState): hmm.jobs.JobState {
    const lines = state.job.lines.map((line) => ({ ...line, claim: line.claim + line.lot.bought + line.lot.wallet }));
    return { ...state, job: { ...state.job, lines } };
  }

  // --- the books

  /** What differs from its vault or its counter: nothing, if all is well. All credits are in a vault or a wallet. */
  async faults(jobs: readonly Address[] = []): Promise<string[]> {
    const { market, verifiers } = this;
    const faults: string[] = [];
    const compare = (what: string, found: bigint, expected: bigint) => found === expected || faults.push(`${what}: ${found}, not ${expected}`);
    const sum = (numbers: readonly bigint[]) => numbers.reduce((a, b) => a + b, 0n);
    const { pool } = await market.state();
    const vault = async (what: string, address: Address, owed: bigint) => {
      const balance = await market.balance({ address });
      compare(what, balance, owed);
      return balance;
    };
    const owed = sum([...pool.theta, ...pool.pendingCurrent, ...pool.pendingPrevious.map((pending, i) => pending - pool.dripped[i]!), pool.burnDue, pool.treasuryDue]);
    const balances = [await vault('the pool', pool.creditVault, owed)];
    const workers = await Promise.all([market.authority, this.worker].map(({ address }) => hmm.workers.workerAddress(market.pool, address).then((at) => this.workerState(at))));
    for (const worker of workers) {
      balances.push(await vault(`worker ${worker.owner}`, worker.vault, sum([worker.bond, worker.unbonding, worker.reserved, worker.payments, worker.claimable, ...worker.held])));
    }
    const set = await this.verifierSet();
    balances.push(await vault('the stakes', set.vault, set.burnDue + sum(set.verifiers.map(({ stake, earned, unbonding }) => stake + earned + unbonding))));
    balances.push(await market.balance({ address: set.bonusVault }));
    for (const job of jobs) {
      const [account] = await fetchEncodedAccounts(this.network.rpc, [job]);
      if (!account?.exists) continue;
      const { job: { escrow, credits, setAside, clientClaim } } = await this.job(job);
      balances.push(await vault('the escrow', escrow, credits + setAside + clientClaim));
    }
    const wallets = new Set([...verifiers, this.worker, this.client].map(({ address }) => address));
    for (const wallet of wallets) balances.push(await this.credits(wallet));
    compare('all credits', sum(balances), await market.supply(market.creditMint));
    for (let i = 0; i < pool.resourceCount; i++) {
      compare(`vouchers of ${i}`, (await market.supply(pool.voucherMints[i]!)) + pool.psi[i]! + pool.inJobs[i]!, pool.issued[i]!);
      compare(`owed vouchers of ${i}`, sum(workers.map(({ outstanding }) => outstanding[i]!)), pool.issued[i]!);
    }
    return faults;
  }
}
