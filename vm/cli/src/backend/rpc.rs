//! A network over JSON-RPC.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmm_client::{HMM_ID, HmmEvent, generated::accounts::POOL_DISCRIMINATOR};
use serde_json::{Value, json};
use solana_account::Account;
use solana_address::Address;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Hash, Message, VersionedMessage};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

use super::{Backend, NotSent, Refused, Sent};
use crate::error::{Error, Result};

const COMMITMENT: &str = "confirmed";
/// The most a transaction can ask for.
const MOST_UNITS: u32 = 1_400_000;
/// What the two instructions of a budget use themselves.
const BUDGET_UNITS: u64 = 300;
/// Bytes of a packet: no transaction is longer.
const MOST_BYTES: usize = 1_232;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a transaction's status is asked for, and how often it is sent again.
const POLL: Duration = Duration::from_millis(200);
const RESEND: Duration = Duration::from_secs(2);

/// What is paid to the network.
#[derive(Clone, Copy, Default)]
pub struct Fees {
    pub microlamports: u64,
    /// If not given: the network's default, or with a price what a simulation used and a tenth more.
    pub compute_units: Option<u32>,
}

pub struct Rpc {
    url: String,
    agent: ureq::Agent,
    fees: Fees,
}

/// What a node answered instead of a result.
enum Fault {
    Rpc { message: String, data: Value },
    Transport(String),
}

impl Rpc {
    pub fn new(url: String, fees: Fees) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        Self { url, agent: config.build().into(), fees }
    }

    fn ask(&self, method: &str, params: Value) -> Result<Value, Fault> {
        let transport = |error: ureq::Error| Fault::Transport(error.to_string());
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let mut response = self.agent.post(&self.url).send_json(request).map_err(transport)?;
        let status = response.status();
        let mut body: Value = response.body_mut().read_json().map_err(|error| Fault::Transport(format!("{status}: {error}")))?;
        match body.get_mut("error").map(Value::take) {
            Some(Value::Null) | None => Ok(body["result"].take()),
            Some(mut error) => Err(Fault::Rpc { message: error["message"].to_string(), data: error["data"].take() }),
        }
    }

    fn call(&self, method: &str, params: Value) -> Result<Value> {
        self.ask(method, params).map_err(|fault| match fault {
            Fault::Rpc { message, .. } => Error::failed(format!("{}: {method}: {message}", self.url)),
            Fault::Transport(error) => Error::failed(format!("{}: {error}", self.url)),
        })
    }

    /// The instructions, after a budget if one is asked for: without it the network's default is enough, and the transaction shorter.
    fn with_budget(&self, instructions: &[Instruction], payer: &Address) -> Result<Vec<Instruction>, NotSent> {
        let Fees { microlamports, compute_units } = self.fees;
        let units = match compute_units {
            Some(units) => units,
            None if microlamports == 0 => return Ok(instructions.to_vec()),
            None => {
                let used = self.simulate(instructions, payer)?.compute_units + BUDGET_UNITS;
                u32::try_from(used + used / 10).unwrap_or(MOST_UNITS).min(MOST_UNITS)
            }
        };
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(units)];
        if microlamports != 0 {
            all.push(ComputeBudgetInstruction::set_compute_unit_price(microlamports));
        }
        all.extend_from_slice(instructions);
        Ok(all)
    }

    /// Waits for a transaction, sending it again now and then, until it is confirmed or can no longer be.
    fn confirm(&self, signature: &str, bytes: &str, last_valid: u64) -> Result<(), NotSent> {
        let mut resend = Instant::now() + RESEND;
        loop {
            let status = self.call("getSignatureStatuses", json!([[signature]]))?["value"][0].take();
            if !status["err"].is_null() {
                let logs = self.transaction(signature).map(|t| t["meta"]["logMessages"].clone()).unwrap_or_default();
                return Err(NotSent::Refused(refused(&status["err"], &logs)));
            }
            if matches!(status["confirmationStatus"].as_str(), Some("confirmed" | "finalized")) {
                return Ok(());
            }
            if Instant::now() >= resend {
                let height = self.call("getBlockHeight", json!([{ "commitment": COMMITMENT }]))?;
                if height.as_u64().is_some_and(|height| height > last_valid) {
                    return Err(Error::failed(format!("{signature} was not confirmed before its blockhash expired")).into());
                }
                // It may have landed meanwhile; its status says so on the next round.
                let _ = self.ask("sendTransaction", json!([bytes, { "encoding": "base64", "skipPreflight": true }]));
                resend = Instant::now() + RESEND;
            }
            sleep(POLL);
        }
    }

    /// A transaction as the node has it; a confirmed one can be a moment late.
    fn transaction(&self, signature: &str) -> Result<Value> {
        const TRIES: u32 = 20;
        for _ in 0..TRIES {
            let options = json!({ "encoding": "json", "commitment": COMMITMENT, "maxSupportedTransactionVersion": 0 });
            let transaction = self.call("getTransaction", json!([signature, options]))?;
            if !transaction.is_null() {
                return Ok(transaction);
            }
            sleep(POLL);
        }
        Err(Error::failed(format!("{signature} is confirmed, but the node does not have it")))
    }
}

impl Backend for Rpc {
    fn accounts(&self, addresses: &[Address]) -> Result<Vec<Option<Account>>> {
        let addresses: Vec<String> = addresses.iter().map(Address::to_string).collect();
        let options = json!({ "encoding": "base64", "commitment": COMMITMENT });
        let accounts = self.call("getMultipleAccounts", json!([addresses, options]))?["value"].take();
        let Value::Array(accounts) = accounts else { return Err(Error::failed(format!("{}: not a list of accounts", self.url))) };
        accounts.iter().map(|account| if account.is_null() { Ok(None) } else { decode_account(account).map(Some) }).collect()
    }

    fn pools(&self) -> Result<Vec<Address>> {
        let begins = bs58::encode(POOL_DISCRIMINATOR).into_string();
        let filters = json!([{ "memcmp": { "offset": 0, "bytes": begins } }]);
        let options =
            json!({ "encoding": "base64", "commitment": COMMITMENT, "dataSlice": { "offset": 0, "length": 0 }, "filters": filters });
        let pools = self.call("getProgramAccounts", json!([HMM_ID.to_string(), options]))?;
        pools.as_array().into_iter().flatten().map(|pool| address(&pool["pubkey"])).collect()
    }

    fn program_accounts(&self, matches: &[(usize, &[u8])]) -> Result<Vec<(Address, Account)>> {
        let filter =
            |(offset, bytes): &(usize, &[u8])| json!({ "memcmp": { "offset": offset, "bytes": bs58::encode(bytes).into_string() } });
        let filters: Vec<Value> = matches.iter().map(filter).collect();
        let options = json!({ "encoding": "base64", "commitment": COMMITMENT, "filters": filters });
        let accounts = self.call("getProgramAccounts", json!([HMM_ID.to_string(), options]))?;
        let Value::Array(accounts) = accounts else { return Err(Error::failed(format!("{}: not a list of accounts", self.url))) };
        accounts.iter().map(|found| Ok((address(&found["pubkey"])?, decode_account(&found["account"])?))).collect()
    }

    fn simulate(&self, instructions: &[Instruction], payer: &Address) -> Result<Sent, NotSent> {
        let message = Message::new(instructions, Some(payer));
        let signatures = vec![Signature::default(); usize::from(message.header.num_required_signatures)];
        let transaction = VersionedTransaction { signatures, message: VersionedMessage::Legacy(message) };
        let options = json!({ "encoding": "base64", "commitment": COMMITMENT, "sigVerify": false, "replaceRecentBlockhash": true });
        let value = self.call("simulateTransaction", json!([encode(&transaction)?, options]))?["value"].take();
        if !value["err"].is_null() {
            return Err(NotSent::Refused(refused(&value["err"], &value["logs"])));
        }
        let return_data = BASE64_STANDARD.decode(value["returnData"]["data"][0].as_str().unwrap_or_default());
        Ok(Sent {
            compute_units: value["unitsConsumed"].as_u64().unwrap_or_default(),
            return_data: return_data.unwrap_or_default(),
            ..Sent::default()
        })
    }

    fn send(&mut self, instructions: &[Instruction], signer: &Keypair) -> Result<Sent, NotSent> {
        let instructions = self.with_budget(instructions, &signer.pubkey())?;
        let latest = self.call("getLatestBlockhash", json!([{ "commitment": COMMITMENT }]))?["value"].take();
        let blockhash: Hash =
            latest["blockhash"].as_str().and_then(|hash| hash.parse().ok()).ok_or_else(|| Error::failed("the node gave no blockhash"))?;
        let message = Message::new_with_blockhash(&instructions, Some(&signer.pubkey()), &blockhash);
        let transaction = VersionedTransaction::try_new(VersionedMessage::Legacy(message), &[signer])
            .map_err(|error| Error::failed(format!("the transaction wants another signature: {error}")))?;
        let bytes = encode(&transaction)?;
        let options = json!({ "encoding": "base64", "preflightCommitment": COMMITMENT });
        let signature = match self.ask("sendTransaction", json!([bytes, options])) {
            Ok(signature) => signature.as_str().unwrap_or_default().to_owned(),
            Err(Fault::Rpc { data, .. }) if !data["err"].is_null() => return Err(NotSent::Refused(refused(&data["err"], &data["logs"]))),
            Err(Fault::Rpc { message, .. }) => return Err(Error::failed(format!("{}: sendTransaction: {message}", self.url)).into()),
            Err(Fault::Transport(error)) => return Err(Error::failed(format!("{}: {error}", self.url)).into()),
        };
        self.confirm(&signature, &bytes, latest["lastValidBlockHeight"].as_u64().unwrap_or(u64::MAX))?;
        let landed = self.transaction(&signature)?;
        let compute_units = landed["meta"]["computeUnitsConsumed"].as_u64().unwrap_or_default();
        Ok(Sent { signature: Some(signature), compute_units, events: events(&landed), return_data: Vec::new() })
    }

    fn advance(&mut self, _: u64) -> Result<()> {
        Err(Error::usage("time passes by itself on a network; --embedded alone can be told to wait"))
    }
}

/// Base64, or why it is too long.
fn encode(transaction: &VersionedTransaction) -> Result<String> {
    let bytes = wincode::serialize(transaction).map_err(|error| Error::failed(format!("the transaction cannot be encoded: {error}")))?;
    if bytes.len() > MOST_BYTES {
        let message =
            format!("the transaction has {} bytes and {MOST_BYTES} fit: shorter with fewer legs, or without --priority-fee", bytes.len());
        return Err(Error::usage(message));
    }
    Ok(BASE64_STANDARD.encode(bytes))
}

fn address(value: &Value) -> Result<Address> {
    value.as_str().and_then(|text| text.parse().ok()).ok_or_else(|| Error::failed(format!("{value} is not an address")))
}

fn decode_account(account: &Value) -> Result<Account> {
    let data = account["data"][0].as_str().and_then(|data| BASE64_STANDARD.decode(data).ok());
    Ok(Account {
        lamports: account["lamports"].as_u64().unwrap_or_default(),
        data: data.ok_or_else(|| Error::failed("the node gave an account without data"))?,
        owner: address(&account["owner"])?,
        executable: account["executable"].as_bool().unwrap_or_default(),
        rent_epoch: 0,
    })
}

/// `{"InstructionError": [index, {"Custom": code}]}`, or another error of the runtime.
fn refused(error: &Value, logs: &Value) -> Refused {
    let code = error["InstructionError"][1]["Custom"].as_u64().and_then(|code| u32::try_from(code).ok());
    let logs = logs.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    Refused { code, error: format!("the transaction failed: {error}"), logs }
}

/// The program's events among the inner instructions.
fn events(transaction: &Value) -> Vec<HmmEvent> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let keys: Vec<Address> =
        list(&transaction["transaction"]["message"]["accountKeys"]).iter().filter_map(|key| address(key).ok()).collect();
    let inner = list(&transaction["meta"]["innerInstructions"]).into_iter().flat_map(|inner| list(&inner["instructions"]));
    let decode = |inner: Value| {
        let program = keys.get(usize::try_from(inner["programIdIndex"].as_u64()?).ok()?)?;
        Some((*program, bs58::decode(inner["data"].as_str()?).into_vec().ok()?))
    };
    let inner: Vec<(Address, Vec<u8>)> = inner.filter_map(decode).collect();
    hmm_client::events(inner.iter().map(|(program, data)| (program, data.as_slice())))
}

#[cfg(test)]
mod tests {
    use hmm_client::{Amounts, Leg, LegKind, liquidity, swap};
    use hmm_vm::{World, WorldConfig, world};

    use super::*;

    /// Bytes of the transaction, with a budget as long as one gets.
    fn size(instruction: &Instruction, budget: bool) -> Result<usize> {
        let mut all = vec![instruction.clone()];
        if budget {
            all.push(ComputeBudgetInstruction::set_compute_unit_limit(MOST_UNITS));
            all.push(ComputeBudgetInstruction::set_compute_unit_price(1_000));
        }
        let message = VersionedMessage::Legacy(Message::new(&all, Some(&world::keypair("trader").pubkey())));
        encode(&VersionedTransaction { signatures: vec![Signature::default()], message }).map(|text| text.len() / 4 * 3)
    }

    #[test]
    fn eight_resources_fit_a_packet() {
        let mut config = WorldConfig::default();
        config.resources.extend(["a", "b", "c"].map(|name| world::resource(name, 1_000, 1_000)));
        let world = World::active(config);
        let (state, trader) = (world.state(), world.trader().pubkey());
        let legs = (0..8).map(|resource| Leg::unlimited(resource, LegKind::BuyExactOut, 1_000_000)).collect();
        let swap = swap::swap(&state, trader, legs, i64::MAX, 0);
        size(&swap, true).expect("a swap of eight legs with a priority fee fits");
        let amounts = || vec![Amounts { units: 1, credits: 1 }; 8];
        size(&liquidity::add(&state, trader, amounts(), 1, 1, 0), false).expect("a deposit of eight resources fits");
        let remove = liquidity::remove(&state, trader, 1, amounts(), 0);
        size(&remove, false).expect("a withdrawal of eight resources fits");
        let error = size(&remove, true).expect_err("not with a priority fee");
        assert!(error.to_string().contains("without --priority-fee"), "{error}");
    }

    #[test]
    fn reads_what_nodes_answer() {
        let logs = json!(["Program log: a", "Program log: b"]);
        let Refused { code, logs, .. } = refused(&json!({ "InstructionError": [2, { "Custom": 6014 }] }), &logs);
        assert_eq!((code, logs.len()), (Some(6014), 2));
        assert_eq!(refused(&json!("AccountInUse"), &Value::Null).code, None);
        assert!(decode_account(&json!({ "data": "none" })).is_err());
    }
}
