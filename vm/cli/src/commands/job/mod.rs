//! Jobs: from the credits that a client locks to the last claim.

mod appeal;
mod assign;
mod challenge;
mod claim;
mod close;
mod deposit;
mod draw;
mod expire;
mod fill;
mod list;
mod open;
mod prove;
mod settle;
mod start;
mod status;
mod tally;
mod top_up;
mod unassign;

use clap::Subcommand;

use crate::error::Result;

#[derive(Subcommand)]
pub enum JobCommand {
    /// Lock credits for work, with what it needs and until when
    #[command(after_help = open::EXAMPLES)]
    Open(open::OpenArgs),
    /// Add credits to a job
    TopUp(top_up::TopUpArgs),
    /// Buy vouchers with the job's credits, as its client or router
    Fill(fill::FillArgs),
    /// Bring vouchers from the client's wallet
    Deposit(deposit::DepositArgs),
    /// Name a worker for units of the job, as its client or router
    Assign(assign::AssignArgs),
    /// Decline before the start, as the worker, or release, as the client or router
    Unassign(unassign::UnassignArgs),
    /// Start an assignment, as its worker
    Start(start::StartArgs),
    /// End an assignment that missed its time
    Expire(expire::ExpireArgs),
    /// Draw the next committee of an assignment
    Draw(draw::DrawArgs),
    /// Count the votes of an assignment's committee
    Tally(tally::TallyArgs),
    /// Dispute a verdict, with a bond
    Challenge(challenge::ChallengeArgs),
    /// Appeal against a ruling, with a bond
    Appeal(appeal::AppealArgs),
    /// Find a wrong link in a worker's published trace, and prove the fraud; work that has passed is disputed with it
    Prove(prove::ProveArgs),
    /// Pay an assignment out by its final verdict
    Settle(settle::SettleArgs),
    /// End a job, as its client, or as anybody once the time to assign is over
    Close(close::CloseArgs),
    /// Pay out what a job and its assignments owe, and close their accounts
    Claim(claim::ClaimArgs),
    /// Jobs of the signer, or of the market
    List(list::ListArgs),
    /// Where a job stands, who must act next and until when
    Status(status::StatusArgs),
}

impl JobCommand {
    pub fn run(&self, json: bool) -> Result<()> {
        match self {
            Self::Open(args) => open::run(args, json),
            Self::TopUp(args) => top_up::run(args, json),
            Self::Fill(args) => fill::run(args, json),
            Self::Deposit(args) => deposit::run(args, json),
            Self::Assign(args) => assign::run(args, json),
            Self::Unassign(args) => unassign::run(args, json),
            Self::Start(args) => start::run(args, json),
            Self::Expire(args) => expire::run(args, json),
            Self::Draw(args) => draw::run(args, json),
            Self::Tally(args) => tally::run(args, json),
            Self::Challenge(args) => challenge::run(args, json),
            Self::Appeal(args) => appeal::run(args, json),
            Self::Prove(args) => prove::run(args, json),
            Self::Settle(args) => settle::run(args, json),
            Self::Close(args) => close::run(args, json),
            Self::Claim(args) => claim::run(args, json),
            Self::List(args) => list::run(args, json),
            Self::Status(args) => status::run(args, json),
        }
    }
}
