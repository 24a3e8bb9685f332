//! Generated from the IDL. Do not edit: run `npm run generate`.

use borsh::BorshDeserialize;

use crate::generated::types::{Appealed, AssignmentClaimed, AssignmentEnded, AssignmentSettled, AssignmentStarted, Attested, BondChanged, BonusFunded, BootstrapMarkSet, Challenged, ClientRegistered, CommitteeDrawn, FeesCollected, FraudProven, JobAssigned, JobClaimed, JobClosed, JobFilled, JobOpened, JobToppedUp, KeyClosed, KeyRegistered, Liquidated, LiquidityAdded, LiquidityRemoved, MeasurementApproved, MeasurementRevoked, Noticed, Refused, RefusedAccount, Retired, RootClosed, RootEnacted, RootProposed, RootVoted, RoundClosed, SeriesRedeemed, SeriesStopped, SeriesSwept, SlashBurned, StakeWithdrawn, Staked, Supplied, Swapped, Unstaked, VerifierSetCreated, VoteCommitted, VoteRevealed, VotesCounted, VouchersDeposited, VouchersMinted, WorkerPaid, WorkerRegistered};

/// An event of the program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum HmmEvent {
    Appealed(Appealed),
    AssignmentClaimed(AssignmentClaimed),
    AssignmentEnded(AssignmentEnded),
    AssignmentSettled(AssignmentSettled),
    AssignmentStarted(AssignmentStarted),
    Attested(Attested),
    BondChanged(BondChanged),
    BonusFunded(BonusFunded),
    BootstrapMarkSet(BootstrapMarkSet),
    Challenged(Challenged),
    ClientRegistered(ClientRegistered),
    CommitteeDrawn(CommitteeDrawn),
    FeesCollected(FeesCollected),
    FraudProven(FraudProven),
    JobAssigned(JobAssigned),
    JobClaimed(JobClaimed),
    JobClosed(JobClosed),
    JobFilled(JobFilled),
    JobOpened(JobOpened),
    JobToppedUp(JobToppedUp),
    KeyClosed(KeyClosed),
    KeyRegistered(KeyRegistered),
    Liquidated(Liquidated),
    LiquidityAdded(LiquidityAdded),
    LiquidityRemoved(LiquidityRemoved),
    MeasurementApproved(MeasurementApproved),
    MeasurementRevoked(MeasurementRevoked),
    Noticed(Noticed),
    Refused(Refused),
    RefusedAccount(RefusedAccount),
    Retired(Retired),
    RootClosed(RootClosed),
    RootEnacted(RootEnacted),
    RootProposed(RootProposed),
    RootVoted(RootVoted),
    RoundClosed(RoundClosed),
    SeriesRedeemed(SeriesRedeemed),
    SeriesStopped(SeriesStopped),
    SeriesSwept(SeriesSwept),
    SlashBurned(SlashBurned),
    StakeWithdrawn(StakeWithdrawn),
    Staked(Staked),
    Supplied(Supplied),
    Swapped(Swapped),
    Unstaked(Unstaked),
    VerifierSetCreated(VerifierSetCreated),
    VoteCommitted(VoteCommitted),
    VoteRevealed(VoteRevealed),
    VotesCounted(VotesCounted),
    VouchersDeposited(VouchersDeposited),
    VouchersMinted(VouchersMinted),
    WorkerPaid(WorkerPaid),
    WorkerRegistered(WorkerRegistered),
}

const APPEALED: [u8; 8] = [197, 193, 2, 44, 175, 70, 16, 243];
const ASSIGNMENT_CLAIMED: [u8; 8] = [164, 156, 220, 206, 35, 157, 228, 160];
const ASSIGNMENT_ENDED: [u8; 8] = [146, 126, 180, 13, 104, 28, 124, 193];
const ASSIGNMENT_SETTLED: [u8; 8] = [140, 217, 27, 214, 76, 26, 198, 7];
const ASSIGNMENT_STARTED: [u8; 8] = [40, 92, 182, 146, 153, 25, 183, 102];
const ATTESTED: [u8; 8] = [184, 102, 113, 199, 220, 197, 96, 50];
const BOND_CHANGED: [u8; 8] = [182, 171, 105, 8, 232, 86, 149, 135];
const BONUS_FUNDED: [u8; 8] = [61, 54, 146, 212, 251, 158, 23, 81];
const BOOTSTRAP_MARK_SET: [u8; 8] = [148, 149, 18, 31, 115, 226, 32, 254];
const CHALLENGED: [u8; 8] = [208, 48, 104, 229, 231, 85, 175, 193];
const CLIENT_REGISTERED: [u8; 8] = [190, 165, 26, 97, 91, 0, 28, 198];
const COMMITTEE_DRAWN: [u8; 8] = [76, 183, 247, 229, 157, 102, 202, 194];
const FEES_COLLECTED: [u8; 8] = [233, 23, 117, 225, 107, 178, 254, 8];
const FRAUD_PROVEN: [u8; 8] = [140, 238, 93, 230, 59, 167, 100, 254];
const JOB_ASSIGNED: [u8; 8] = [37, 41, 120, 33, 26, 236, 76, 219];
const JOB_CLAIMED: [u8; 8] = [176, 110, 104, 38, 27, 220, 61, 191];
const JOB_CLOSED: [u8; 8] = [123, 63, 243, 153, 174, 212, 2, 55];
const JOB_FILLED: [u8; 8] = [102, 38, 182, 222, 58, 203, 28, 179];
const JOB_OPENED: [u8; 8] = [194, 169, 75, 170, 253, 153, 200, 220];
const JOB_TOPPED_UP: [u8; 8] = [10, 251, 87, 120, 150, 117, 18, 232];
const KEY_CLOSED: [u8; 8] = [156, 156, 79, 182, 137, 18, 79, 76];
const KEY_REGISTERED: [u8; 8] = [216, 140, 227, 218, 131, 57, 193, 32];
const LIQUIDATED: [u8; 8] = [231, 57, 55, 75, 0, 170, 246, 68];
const LIQUIDITY_ADDED: [u8; 8] = [154, 26, 221, 108, 238, 64, 217, 161];
const LIQUIDITY_REMOVED: [u8; 8] = [225, 105, 216, 39, 124, 116, 169, 189];
const MEASUREMENT_APPROVED: [u8; 8] = [11, 172, 50, 56, 128, 41, 45, 71];
const MEASUREMENT_REVOKED: [u8; 8] = [119, 70, 63, 220, 105, 46, 146, 56];
const NOTICED: [u8; 8] = [12, 154, 143, 116, 149, 248, 26, 203];
const REFUSED: [u8; 8] = [230, 49, 133, 208, 106, 62, 106, 169];
const REFUSED_ACCOUNT: [u8; 8] = [142, 224, 193, 3, 246, 77, 137, 83];
const RETIRED: [u8; 8] = [106, 202, 161, 255, 255, 39, 222, 10];
const ROOT_CLOSED: [u8; 8] = [157, 14, 46, 83, 247, 8, 85, 252];
const ROOT_ENACTED: [u8; 8] = [227, 240, 88, 225, 208, 245, 95, 101];
const ROOT_PROPOSED: [u8; 8] = [42, 37, 28, 46, 99, 215, 183, 163];
const ROOT_VOTED: [u8; 8] = [107, 145, 234, 68, 199, 173, 224, 233];
const ROUND_CLOSED: [u8; 8] = [45, 243, 28, 22, 132, 70, 175, 226];
const SERIES_REDEEMED: [u8; 8] = [189, 33, 198, 46, 242, 217, 224, 62];
const SERIES_STOPPED: [u8; 8] = [136, 106, 120, 176, 209, 19, 129, 160];
const SERIES_SWEPT: [u8; 8] = [118, 12, 154, 218, 124, 65, 80, 203];
const SLASH_BURNED: [u8; 8] = [201, 125, 42, 158, 238, 252, 16, 174];
const STAKE_WITHDRAWN: [u8; 8] = [33, 120, 159, 58, 140, 255, 174, 79];
const STAKED: [u8; 8] = [11, 146, 45, 205, 230, 58, 213, 240];
const SUPPLIED: [u8; 8] = [137, 114, 239, 72, 162, 75, 133, 39];
const SWAPPED: [u8; 8] = [217, 52, 52, 83, 147, 135, 96, 109];
const UNSTAKED: [u8; 8] = [27, 179, 156, 215, 47, 71, 195, 7];
const VERIFIER_SET_CREATED: [u8; 8] = [188, 248, 223, 116, 244, 26, 115, 60];
const VOTE_COMMITTED: [u8; 8] = [74, 67, 158, 48, 168, 230, 217, 77];
const VOTE_REVEALED: [u8; 8] = [104, 162, 140, 194, 213, 217, 117, 179];
const VOTES_COUNTED: [u8; 8] = [9, 19, 157, 64, 143, 240, 31, 251];
const VOUCHERS_DEPOSITED: [u8; 8] = [144, 234, 241, 224, 157, 16, 162, 194];
const VOUCHERS_MINTED: [u8; 8] = [119, 37, 152, 24, 216, 128, 65, 249];
const WORKER_PAID: [u8; 8] = [81, 33, 19, 141, 26, 216, 165, 20];
const WORKER_REGISTERED: [u8; 8] = [32, 196, 68, 85, 235, 201, 213, 179];

impl HmmEvent {
    /// Decodes an event, discriminator first; `None` if it is none of this program's or is cut short.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (discriminator, mut body) = bytes.split_first_chunk::<8>()?;
        match *discriminator {
            APPEALED => Appealed::deserialize(&mut body).ok().map(Self::Appealed),
            ASSIGNMENT_CLAIMED => AssignmentClaimed::deserialize(&mut body).ok().map(Self::AssignmentClaimed),
            ASSIGNMENT_ENDED => AssignmentEnded::deserialize(&mut body).ok().map(Self::AssignmentEnded),
            ASSIGNMENT_SETTLED => AssignmentSettled::deserialize(&mut body).ok().map(Self::AssignmentSettled),
            ASSIGNMENT_STARTED => AssignmentStarted::deserialize(&mut body).ok().map(Self::AssignmentStarted),
            ATTESTED => Attested::deserialize(&mut body).ok().map(Self::Attested),
            BOND_CHANGED => BondChanged::deserialize(&mut body).ok().map(Self::BondChanged),
            BONUS_FUNDED => BonusFunded::deserialize(&mut body).ok().map(Self::BonusFunded),
            BOOTSTRAP_MARK_SET => BootstrapMarkSet::deserialize(&mut body).ok().map(Self::BootstrapMarkSet),
            CHALLENGED => Challenged::deserialize(&mut body).ok().map(Self::Challenged),
            CLIENT_REGISTERED => ClientRegistered::deserialize(&mut body).ok().map(Self::ClientRegistered),
            COMMITTEE_DRAWN => CommitteeDrawn::deserialize(&mut body).ok().map(Self::CommitteeDrawn),
            FEES_COLLECTED => FeesCollected::deserialize(&mut body).ok().map(Self::FeesCollected),
            FRAUD_PROVEN => FraudProven::deserialize(&mut body).ok().map(Self::FraudProven),
            JOB_ASSIGNED => JobAssigned::deserialize(&mut body).ok().map(Self::JobAssigned),
            JOB_CLAIMED => JobClaimed::deserialize(&mut body).ok().map(Self::JobClaimed),
            JOB_CLOSED => JobClosed::deserialize(&mut body).ok().map(Self::JobClosed),
            JOB_FILLED => JobFilled::deserialize(&mut body).ok().map(Self::JobFilled),
            JOB_OPENED => JobOpened::deserialize(&mut body).ok().map(Self::JobOpened),
            JOB_TOPPED_UP => JobToppedUp::deserialize(&mut body).ok().map(Self::JobToppedUp),
            KEY_CLOSED => KeyClosed::deserialize(&mut body).ok().map(Self::KeyClosed),
            KEY_REGISTERED => KeyRegistered::deserialize(&mut body).ok().map(Self::KeyRegistered),
            LIQUIDATED => Liquidated::deserialize(&mut body).ok().map(Self::Liquidated),
            LIQUIDITY_ADDED => LiquidityAdded::deserialize(&mut body).ok().map(Self::LiquidityAdded),
            LIQUIDITY_REMOVED => LiquidityRemoved::deserialize(&mut body).ok().map(Self::LiquidityRemoved),
            MEASUREMENT_APPROVED => MeasurementApproved::deserialize(&mut body).ok().map(Self::MeasurementApproved),
            MEASUREMENT_REVOKED => MeasurementRevoked::deserialize(&mut body).ok().map(Self::MeasurementRevoked),
            NOTICED => Noticed::deserialize(&mut body).ok().map(Self::Noticed),
            REFUSED => Refused::deserialize(&mut body).ok().map(Self::Refused),
            REFUSED_ACCOUNT => RefusedAccount::deserialize(&mut body).ok().map(Self::RefusedAccount),
            RETIRED => Retired::deserialize(&mut body).ok().map(Self::Retired),
            ROOT_CLOSED => RootClosed::deserialize(&mut body).ok().map(Self::RootClosed),
            ROOT_ENACTED => RootEnacted::deserialize(&mut body).ok().map(Self::RootEnacted),
            ROOT_PROPOSED => RootProposed::deserialize(&mut body).ok().map(Self::RootProposed),
            ROOT_VOTED => RootVoted::deserialize(&mut body).ok().map(Self::RootVoted),
            ROUND_CLOSED => RoundClosed::deserialize(&mut body).ok().map(Self::RoundClosed),
            SERIES_REDEEMED => SeriesRedeemed::deserialize(&mut body).ok().map(Self::SeriesRedeemed),
            SERIES_STOPPED => SeriesStopped::deserialize(&mut body).ok().map(Self::SeriesStopped),
            SERIES_SWEPT => SeriesSwept::deserialize(&mut body).ok().map(Self::SeriesSwept),
            SLASH_BURNED => SlashBurned::deserialize(&mut body).ok().map(Self::SlashBurned),
            STAKE_WITHDRAWN => StakeWithdrawn::deserialize(&mut body).ok().map(Self::StakeWithdrawn),
            STAKED => Staked::deserialize(&mut body).ok().map(Self::Staked),
            SUPPLIED => Supplied::deserialize(&mut body).ok().map(Self::Supplied),
            SWAPPED => Swapped::deserialize(&mut body).ok().map(Self::Swapped),
            UNSTAKED => Unstaked::deserialize(&mut body).ok().map(Self::Unstaked),
            VERIFIER_SET_CREATED => VerifierSetCreated::deserialize(&mut body).ok().map(Self::VerifierSetCreated),
            VOTE_COMMITTED => VoteCommitted::deserialize(&mut body).ok().map(Self::VoteCommitted),
            VOTE_REVEALED => VoteRevealed::deserialize(&mut body).ok().map(Self::VoteRevealed),
            VOTES_COUNTED => VotesCounted::deserialize(&mut body).ok().map(Self::VotesCounted),
            VOUCHERS_DEPOSITED => VouchersDeposited::deserialize(&mut body).ok().map(Self::VouchersDeposited),
            VOUCHERS_MINTED => VouchersMinted::deserialize(&mut body).ok().map(Self::VouchersMinted),
            WORKER_PAID => WorkerPaid::deserialize(&mut body).ok().map(Self::WorkerPaid),
            WORKER_REGISTERED => WorkerRegistered::deserialize(&mut body).ok().map(Self::WorkerRegistered),
            _ => None,
        }
    }
}
