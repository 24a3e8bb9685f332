import type { JobTerms, SupplyTerms, VerifierTerms } from './generated/index.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The defaults of what a market asks of workers, jobs and verifiers. `credit` is one whole credit, raw. Source: protocol.md, *Defaults*. */
export const defaultTerms = (credit: bigint): { supply: SupplyTerms; jobs: JobTerms; verification: VerifierTerms } => ({
  supply: {
    markDepth: 100n * credit,
    gamma: 1_500_000,
    maintenance: 1_200_000,
    premium: 1_050_000,
    notice: HOUR,
    unbonding: 7 * DAY,
    closeLead: DAY,
  },
  jobs: {
    reservationFee: credit / 100n,
    seatFee: credit / 20n,
    highValue: 10_000n * credit,
    minBond: 10n * credit,
    qualityCap: 200n * credit,
    qualityReference: 100n * credit,
    reservation: 100_000,
    notice: MINUTE,
    drawDelay: 10,
    drawSlots: 20,
    round: 10 * MINUTE,
    challenge: HOUR,
    appeal: HOUR,
    bonus: 50_000,
    bonusCap: 900_000,
    sampleMargin: 1_250_000,
    sampleMin: 50_000,
    longest: 3 * DAY,
    passScore: 5_000,
    bonusScore: 8_000,
    newcomer: 5,
    seats: 3,
    seatsHigh: 5,
  },
  verification: { minStake: 1_000n * credit, nonRevealSlash: 10n * credit, activation: HOUR, unstaking: 7 * DAY },
});
