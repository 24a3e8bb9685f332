// Generated from the IDL. Do not edit: run `npm run generate`.
import { containsBytes, type ReadonlyUint8Array } from '@solana/kit';
import {
  getAppealedDecoder,
  type Appealed,
  getAssignmentClaimedDecoder,
  type AssignmentClaimed,
  getAssignmentEndedDecoder,
  type AssignmentEnded,
  getAssignmentSettledDecoder,
  type AssignmentSettled,
  getAssignmentStartedDecoder,
  type AssignmentStarted,
  getAttestedDecoder,
  type Attested,
  getBondChangedDecoder,
  type BondChanged,
  getBonusFundedDecoder,
  type BonusFunded,
  getBootstrapMarkSetDecoder,
  type BootstrapMarkSet,
  getChallengedDecoder,
  type Challenged,
  getClientRegisteredDecoder,
  type ClientRegistered,
  getCommitteeDrawnDecoder,
  type CommitteeDrawn,
  getFeesCollectedDecoder,
  type FeesCollected,
  getFraudProvenDecoder,
  type FraudProven,
  getJobAssignedDecoder,
  type JobAssigned,
  getJobClaimedDecoder,
  type JobClaimed,
  getJobClosedDecoder,
  type JobClosed,
  getJobFilledDecoder,
  type JobFilled,
  getJobOpenedDecoder,
  type JobOpened,
  getJobToppedUpDecoder,
  type JobToppedUp,
  getKeyClosedDecoder,
  type KeyClosed,
  getKeyRegisteredDecoder,
  type KeyRegistered,
  getLiquidatedDecoder,
  type Liquidated,
  getLiquidityAddedDecoder,
  type LiquidityAdded,
  getLiquidityRemovedDecoder,
  type LiquidityRemoved,
  getMeasurementApprovedDecoder,
  type MeasurementApproved,
  getMeasurementRevokedDecoder,
  type MeasurementRevoked,
  getNoticedDecoder,
  type Noticed,
  getRefusedDecoder,
  type Refused,
  getRefusedAccountDecoder,
  type RefusedAccount,
  getRetiredDecoder,
  type Retired,
  getRootClosedDecoder,
  type RootClosed,
  getRootEnactedDecoder,
  type RootEnacted,
  getRootProposedDecoder,
  type RootProposed,
  getRootVotedDecoder,
  type RootVoted,
  getRoundClosedDecoder,
  type RoundClosed,
  getSeriesRedeemedDecoder,
  type SeriesRedeemed,
  getSeriesStoppedDecoder,
  type SeriesStopped,
  getSeriesSweptDecoder,
  type SeriesSwept,
  getSlashBurnedDecoder,
  type SlashBurned,
  getStakeWithdrawnDecoder,
  type StakeWithdrawn,
  getStakedDecoder,
  type Staked,
  getSuppliedDecoder,
  type Supplied,
  getSwappedDecoder,
  type Swapped,
  getUnstakedDecoder,
  type Unstaked,
  getVerifierSetCreatedDecoder,
  type VerifierSetCreated,
  getVoteCommittedDecoder,
  type VoteCommitted,
  getVoteRevealedDecoder,
  type VoteRevealed,
  getVotesCountedDecoder,
  type VotesCounted,
  getVouchersDepositedDecoder,
  type VouchersDeposited,
  getVouchersMintedDecoder,
  type VouchersMinted,
  getWorkerPaidDecoder,
  type WorkerPaid,
  getWorkerRegisteredDecoder,
  type WorkerRegistered,
} from '../types/index.js';

/** An event of the program: its name and its fields. */
export type HmmEvent =
  | { name: 'Appealed'; data: Appealed }
  | { name: 'AssignmentClaimed'; data: AssignmentClaimed }
  | { name: 'AssignmentEnded'; data: AssignmentEnded }
  | { name: 'AssignmentSettled'; data: AssignmentSettled }
  | { name: 'AssignmentStarted'; data: AssignmentStarted }
  | { name: 'Attested'; data: Attested }
  | { name: 'BondChanged'; data: BondChanged }
  | { name: 'BonusFunded'; data: BonusFunded }
  | { name: 'BootstrapMarkSet'; data: BootstrapMarkSet }
  | { name: 'Challenged'; data: Challenged }
  | { name: 'ClientRegistered'; data: ClientRegistered }
  | { name: 'CommitteeDrawn'; data: CommitteeDrawn }
  | { name: 'FeesCollected'; data: FeesCollected }
  | { name: 'FraudProven'; data: FraudProven }
  | { name: 'JobAssigned'; data: JobAssigned }
  | { name: 'JobClaimed'; data: JobClaimed }
  | { name: 'JobClosed'; data: JobClosed }
  | { name: 'JobFilled'; data: JobFilled }
  | { name: 'JobOpened'; data: JobOpened }
  | { name: 'JobToppedUp'; data: JobToppedUp }
  | { name: 'KeyClosed'; data: KeyClosed }
  | { name: 'KeyRegistered'; data: KeyRegistered }
  | { name: 'Liquidated'; data: Liquidated }
  | { name: 'LiquidityAdded'; data: LiquidityAdded }
  | { name: 'LiquidityRemoved'; data: LiquidityRemoved }
  | { name: 'MeasurementApproved'; data: MeasurementApproved }
  | { name: 'MeasurementRevoked'; data: MeasurementRevoked }
  | { name: 'Noticed'; data: Noticed }
  | { name: 'Refused'; data: Refused }
  | { name: 'RefusedAccount'; data: RefusedAccount }
  | { name: 'Retired'; data: Retired }
  | { name: 'RootClosed'; data: RootClosed }
  | { name: 'RootEnacted'; data: RootEnacted }
  | { name: 'RootProposed'; data: RootProposed }
  | { name: 'RootVoted'; data: RootVoted }
  | { name: 'RoundClosed'; data: RoundClosed }
  | { name: 'SeriesRedeemed'; data: SeriesRedeemed }
  | { name: 'SeriesStopped'; data: SeriesStopped }
  | { name: 'SeriesSwept'; data: SeriesSwept }
  | { name: 'SlashBurned'; data: SlashBurned }
  | { name: 'StakeWithdrawn'; data: StakeWithdrawn }
  | { name: 'Staked'; data: Staked }
  | { name: 'Supplied'; data: Supplied }
  | { name: 'Swapped'; data: Swapped }
  | { name: 'Unstaked'; data: Unstaked }
  | { name: 'VerifierSetCreated'; data: VerifierSetCreated }
  | { name: 'VoteCommitted'; data: VoteCommitted }
  | { name: 'VoteRevealed'; data: VoteRevealed }
  | { name: 'VotesCounted'; data: VotesCounted }
  | { name: 'VouchersDeposited'; data: VouchersDeposited }
  | { name: 'VouchersMinted'; data: VouchersMinted }
  | { name: 'WorkerPaid'; data: WorkerPaid }
  | { name: 'WorkerRegistered'; data: WorkerRegistered };

const EVENTS = [
  { name: 'Appealed', discriminator: [197, 193, 2, 44, 175, 70, 16, 243], decoder: getAppealedDecoder() },
  { name: 'AssignmentClaimed', discriminator: [164, 156, 220, 206, 35, 157, 228, 160], decoder: getAssignmentClaimedDecoder() },
  { name: 'AssignmentEnded', discriminator: [146, 126, 180, 13, 104, 28, 124, 193], decoder: getAssignmentEndedDecoder() },
  { name: 'AssignmentSettled', discriminator: [140, 217, 27, 214, 76, 26, 198, 7], decoder: getAssignmentSettledDecoder() },
  { name: 'AssignmentStarted', discriminator: [40, 92, 182, 146, 153, 25, 183, 102], decoder: getAssignmentStartedDecoder() },
  { name: 'Attested', discriminator: [184, 102, 113, 199, 220, 197, 96, 50], decoder: getAttestedDecoder() },
  { name: 'BondChanged', discriminator: [182, 171, 105, 8, 232, 86, 149, 135], decoder: getBondChangedDecoder() },
  { name: 'BonusFunded', discriminator: [61, 54, 146, 212, 251, 158, 23, 81], decoder: getBonusFundedDecoder() },
  { name: 'BootstrapMarkSet', discriminator: [148, 149, 18, 31, 115, 226, 32, 254], decoder: getBootstrapMarkSetDecoder() },
  { name: 'Challenged', discriminator: [208, 48, 104, 229, 231, 85, 175, 193], decoder: getChallengedDecoder() },
  { name: 'ClientRegistered', discriminator: [190, 165, 26, 97, 91, 0, 28, 198], decoder: getClientRegisteredDecoder() },
  { name: 'CommitteeDrawn', discriminator: [76, 183, 247, 229, 157, 102, 202, 194], decoder: getCommitteeDrawnDecoder() },
  { name: 'FeesCollected', discriminator: [233, 23, 117, 225, 107, 178, 254, 8], decoder: getFeesCollectedDecoder() },
  { name: 'FraudProven', discriminator: [140, 238, 93, 230, 59, 167, 100, 254], decoder: getFraudProvenDecoder() },
  { name: 'JobAssigned', discriminator: [37, 41, 120, 33, 26, 236, 76, 219], decoder: getJobAssignedDecoder() },
  { name: 'JobClaimed', discriminator: [176, 110, 104, 38, 27, 220, 61, 191], decoder: getJobClaimedDecoder() },
  { name: 'JobClosed', discriminator: [123, 63, 243, 153, 174, 212, 2, 55], decoder: getJobClosedDecoder() },
  { name: 'JobFilled', discriminator: [102, 38, 182, 222, 58, 203, 28, 179], decoder: getJobFilledDecoder() },
  { name: 'JobOpened', discriminator: [194, 169, 75, 170, 253, 153, 200, 220], decoder: getJobOpenedDecoder() },
  { name: 'JobToppedUp', discriminator: [10, 251, 87, 120, 150, 117, 18, 232], decoder: getJobToppedUpDecoder() },
  { name: 'KeyClosed', discriminator: [156, 156, 79, 182, 137, 18, 79, 76], decoder: getKeyClosedDecoder() },
  { name: 'KeyRegistered', discriminator: [216, 140, 227, 218, 131, 57, 193, 32], decoder: getKeyRegisteredDecoder() },
  { name: 'Liquidated', discriminator: [231, 57, 55, 75, 0, 170, 246, 68], decoder: getLiquidatedDecoder() },
  { name: 'LiquidityAdded', discriminator: [154, 26, 221, 108, 238, 64, 217, 161], decoder: getLiquidityAddedDecoder() },
  { name: 'LiquidityRemoved', discriminator: [225, 105, 216, 39, 124, 116, 169, 189], decoder: getLiquidityRemovedDecoder() },
  { name: 'MeasurementApproved', discriminator: [11, 172, 50, 56, 128, 41, 45, 71], decoder: getMeasurementApprovedDecoder() },
  { name: 'MeasurementRevoked', discriminator: [119, 70, 63, 220, 105, 46, 146, 56], decoder: getMeasurementRevokedDecoder() },
  { name: 'Noticed', discriminator: [12, 154, 143, 116, 149, 248, 26, 203], decoder: getNoticedDecoder() },
  { name: 'Refused', discriminator: [230, 49, 133, 208, 106, 62, 106, 169], decoder: getRefusedDecoder() },
  { name: 'RefusedAccount', discriminator: [142, 224, 193, 3, 246, 77, 137, 83], decoder: getRefusedAccountDecoder() },
  { name: 'Retired', discriminator: [106, 202, 161, 255, 255, 39, 222, 10], decoder: getRetiredDecoder() },
  { name: 'RootClosed', discriminator: [157, 14, 46, 83, 247, 8, 85, 252], decoder: getRootClosedDecoder() },
  { name: 'RootEnacted', discriminator: [227, 240, 88, 225, 208, 245, 95, 101], decoder: getRootEnactedDecoder() },
  { name: 'RootProposed', discriminator: [42, 37, 28, 46, 99, 215, 183, 163], decoder: getRootProposedDecoder() },
  { name: 'RootVoted', discriminator: [107, 145, 234, 68, 199, 173, 224, 233], decoder: getRootVotedDecoder() },
  { name: 'RoundClosed', discriminator: [45, 243, 28, 22, 132, 70, 175, 226], decoder: getRoundClosedDecoder() },
  { name: 'SeriesRedeemed', discriminator: [189, 33, 198, 46, 242, 217, 224, 62], decoder: getSeriesRedeemedDecoder() },
  { name: 'SeriesStopped', discriminator: [136, 106, 120, 176, 209, 19, 129, 160], decoder: getSeriesStoppedDecoder() },
  { name: 'SeriesSwept', discriminator: [118, 12, 154, 218, 124, 65, 80, 203], decoder: getSeriesSweptDecoder() },
  { name: 'SlashBurned', discriminator: [201, 125, 42, 158, 238, 252, 16, 174], decoder: getSlashBurnedDecoder() },
  { name: 'StakeWithdrawn', discriminator: [33, 120, 159, 58, 140, 255, 174, 79], decoder: getStakeWithdrawnDecoder() },
  { name: 'Staked', discriminator: [11, 146, 45, 205, 230, 58, 213, 240], decoder: getStakedDecoder() },
  { name: 'Supplied', discriminator: [137, 114, 239, 72, 162, 75, 133, 39], decoder: getSuppliedDecoder() },
  { name: 'Swapped', discriminator: [217, 52, 52, 83, 147, 135, 96, 109], decoder: getSwappedDecoder() },
  { name: 'Unstaked', discriminator: [27, 179, 156, 215, 47, 71, 195, 7], decoder: getUnstakedDecoder() },
  { name: 'VerifierSetCreated', discriminator: [188, 248, 223, 116, 244, 26, 115, 60], decoder: getVerifierSetCreatedDecoder() },
  { name: 'VoteCommitted', discriminator: [74, 67, 158, 48, 168, 230, 217, 77], decoder: getVoteCommittedDecoder() },
  { name: 'VoteRevealed', discriminator: [104, 162, 140, 194, 213, 217, 117, 179], decoder: getVoteRevealedDecoder() },
  { name: 'VotesCounted', discriminator: [9, 19, 157, 64, 143, 240, 31, 251], decoder: getVotesCountedDecoder() },
  { name: 'VouchersDeposited', discriminator: [144, 234, 241, 224, 157, 16, 162, 194], decoder: getVouchersDepositedDecoder() },
  { name: 'VouchersMinted', discriminator: [119, 37, 152, 24, 216, 128, 65, 249], decoder: getVouchersMintedDecoder() },
  { name: 'WorkerPaid', discriminator: [81, 33, 19, 141, 26, 216, 165, 20], decoder: getWorkerPaidDecoder() },
  { name: 'WorkerRegistered', discriminator: [32, 196, 68, 85, 235, 201, 213, 179], decoder: getWorkerRegisteredDecoder() },
] as const;

/** Decodes an event, discriminator first; undefined if it is none of this program's. */
export function decodeHmmEvent(bytes: ReadonlyUint8Array): HmmEvent | undefined {
  const event = EVENTS.find(({ discriminator }) => containsBytes(bytes, new Uint8Array(discriminator), 0));
  return event && ({ name: event.name, data: event.decoder.decode(bytes, 8) } as HmmEvent);
}
