use clap::Args;
use hmm_client::worker;
use serde::Serialize;
use solana_address::Address;

use super::own;
use crate::{
    act::Act,
    error::Result,
    receipt::Receipt,
    refusal::Asked,
    view::{View, show},
};

#[derive(Args)]
pub struct OperatorArgs {
    /// Who; `none` for nobody
    #[arg(value_name = "ADDRESS", value_parser = operator)]
    operator: Operator,
    #[command(flatten)]
    act: Act,
}

#[derive(Clone, Copy)]
struct Operator(Option<Address>);

fn operator(text: &str) -> Result<Operator, String> {
    if text == "none" {
        Ok(Operator(None))
    } else {
        text.parse().map(|address| Operator(Some(address))).map_err(|_| "not an address".to_owned())
    }
}

pub fn run(args: &OperatorArgs, json: bool) -> Result<()> {
    let mut actor = args.act.open()?;
    let state = actor.session.state()?;
    own(&actor.session, &state, &actor.me())?;
    let set = worker::set_operator(&state, actor.me(), args.operator.0.unwrap_or_default());
    let receipt = actor.send(&state, &Asked::resources(&state), &[], set)?;
    show(&OperatorView { operator: args.operator.0.map(|address| address.to_string()), receipt }, json)
}

#[derive(Serialize)]
struct OperatorView {
    operator: Option<String>,
    #[serde(flatten)]
    receipt: Receipt,
}

impl View for OperatorView {
    fn text(&self) -> String {
        let operator = self.operator.as_deref().unwrap_or("nobody");
        format!("the operator is {operator}\n{}", self.receipt.text())
    }
}
