//! The embedded VM in a file: every account that is not a program's own, and the clock.

use std::{fs, io::Write, path::Path};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmm_vm::Vm;
use serde::{Deserialize, Serialize};
use solana_account::{Account, ReadableAccount};
use solana_address::{Address, address};

use crate::error::{Error, Result};

const FORMAT: &str = "hmm-embedded-1";
/// Sysvars come from the clock and the VM itself.
const SYSVAR_OWNER: Address = address!("Sysvar1111111111111111111111111111111111111");

#[derive(Serialize, Deserialize)]
pub struct Snapshot {
    format: String,
    slot: u64,
    unix_timestamp: i64,
    accounts: Vec<Stored>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    address: String,
    owner: String,
    lamports: u64,
    executable: bool,
    rent_epoch: u64,
    /// Base64.
    data: String,
}

impl Snapshot {
    /// What `vm` has and `empty` does not.
    pub fn take(vm: &Vm, empty: &Vm) -> Self {
        let before = &empty.svm.accounts_db().inner;
        let all = vm.svm.accounts_db().inner.iter();
        let new = all.filter(|(address, account)| *account.owner() != SYSVAR_OWNER && before.get(*address) != Some(account));
        let mut accounts: Vec<Stored> = new.map(|(address, account)| Stored::of(address, &account.clone().into())).collect();
        accounts.sort_by(|a, b| a.address.cmp(&b.address));
        let clock = vm.clock();
        Self { format: FORMAT.to_owned(), slot: clock.slot, unix_timestamp: clock.unix_timestamp, accounts }
    }

    /// Puts it into a VM that has nothing but the programs.
    pub fn restore(&self, vm: &mut Vm) -> Result<()> {
        for stored in &self.accounts {
            let (address, account) = stored.account()?;
            vm.svm.set_account(address, account).map_err(|error| Error::failed(format!("{address}: {error:?}")))?;
        }
        let mut clock = vm.clock();
        (clock.slot, clock.unix_timestamp) = (self.slot, self.unix_timestamp);
        vm.svm.set_sysvar(&clock);
        Ok(())
    }

    pub fn read(path: &Path) -> Result<Self> {
        let bad = |error: &dyn std::fmt::Display| Error::failed(format!("{}: not a state of the embedded VM: {error}", path.display()));
        let snapshot: Self = serde_json::from_slice(&fs::read(path)?).map_err(|error| bad(&error))?;
        if snapshot.format == FORMAT { Ok(snapshot) } else { Err(bad(&format!("format {:?}, not {FORMAT:?}", snapshot.format))) }
    }

    /// Writes it next to the file, then takes the file's place: what was there stays until the new one is whole.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |error: std::io::Error| Error::failed(format!("{}: {error}", path.display()));
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let new = path.with_file_name(name);
        let mut file = fs::File::create(&new).map_err(failed)?;
        let json = serde_json::to_vec(self).map_err(std::io::Error::from)?;
        file.write_all(&json).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&new, path)).map_err(failed)
    }
}

impl Stored {
    fn of(address: &Address, account: &Account) -> Self {
        Self {
            address: address.to_string(),
            owner: account.owner.to_string(),
            lamports: account.lamports,
            executable: account.executable,
            rent_epoch: account.rent_epoch,
            data: BASE64_STANDARD.encode(&account.data),
        }
    }

    fn account(&self) -> Result<(Address, Account)> {
        let bad = |error: &dyn std::fmt::Display| Error::failed(format!("state of {}: {error}", self.address));
        let parse = |text: &str| text.parse::<Address>().map_err(|error| bad(&error));
        let data = BASE64_STANDARD.decode(&self.data).map_err(|error| bad(&error))?;
        let owner = parse(&self.owner)?;
        let Self { lamports, executable, rent_epoch, .. } = *self;
        Ok((parse(&self.address)?, Account { lamports, data, owner, executable, rent_epoch }))
    }
}
