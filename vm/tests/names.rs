//! The names of voucher and LP mints. The token metadata program is not part of the embedded VM; a stand-in at its address records
//! what it is asked, and the test holds that against the layout of `CreateMetadataAccountV3`.

use std::cell::RefCell;

use borsh::BorshDeserialize;
use hmm_client::{
    HmmError, address,
    generated::instructions::{DescribeMint, DescribeMintInstructionArgs},
};
use hmm_vm::{World, WorldConfig};
use solana_address::Address;
use solana_program_runtime::{declare_process_instruction, solana_sbpf::program::BuiltinFunctionDefinition};
use solana_signer::Signer;

const METADATA_PROGRAM: Address = Address::from_str_const("metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s");

/// The data of the instruction, behind its tag.
#[derive(BorshDeserialize, Debug, PartialEq)]
struct CreateMetadata {
    name: String,
    symbol: String,
    uri: String,
    seller_fee_basis_points: u16,
    creators: Option<u8>,
    collection: Option<u8>,
    uses: Option<u8>,
    is_mutable: bool,
    collection_details: Option<u8>,
}

/// An account as the program passed it: (address, signs, is writable).
type Passed = (Address, bool, bool);

thread_local! {
    static ASKED: RefCell<Vec<(Vec<u8>, Vec<Passed>)>> = const { RefCell::new(Vec::new()) };
}

declare_process_instruction!(StandIn, 1, |invoke_context| {
    let context = invoke_context.transaction_context.get_current_instruction_context()?;
    let mut accounts = Vec::new();
    for i in 0..context.get_number_of_instruction_accounts() {
        let key = *context.get_key_of_instruction_account(i)?;
        accounts.push((key, context.is_instruction_account_signer(i)?, context.is_instruction_account_writable(i)?));
    }
    ASKED.with_borrow_mut(|asked| asked.push((context.get_instruction_data().to_vec(), accounts)));
    Ok(())
});

fn describe(world: &World, resource: u8, mint: Address) -> solana_instruction::Instruction {
    DescribeMint {
        payer: world.trader().pubkey(),
        pool: world.pool,
        mint,
        metadata: Address::find_program_address(&[b"metadata", METADATA_PROGRAM.as_ref(), mint.as_ref()], &METADATA_PROGRAM).0,
        metadata_program: METADATA_PROGRAM,
        system_program: address::SYSTEM_PROGRAM,
    }
    .instruction(DescribeMintInstructionArgs { resource })
}

#[test]
fn names_every_mint() {
    let mut world = World::active(WorldConfig::default());
    world.vm.svm.add_builtin(METADATA_PROGRAM, StandIn::register);
    let (trader, state) = (world.trader(), world.state());
    let vouchers = ["gpu", "vram", "cpu", "net", "disk"].into_iter().enumerate();
    let vouchers = vouchers.map(|(i, name)| (i as u8, state.pool.voucher_mints[i], format!("{name} us-west"), name.to_uppercase()));
    let lp = (u8::MAX, state.pool.lp_mint, "HMM LP us-west".to_owned(), "HMM-LP".to_owned());
    for (resource, mint, name, symbol) in vouchers.chain([lp]) {
        let instruction = describe(&world, resource, mint);
        let metadata = instruction.accounts[3].pubkey;
        world.vm.send(&[instruction], &[&trader]).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let (data, accounts) = ASKED.with_borrow_mut(|asked| asked.pop().expect("one call"));
        assert_eq!(data[0], 33);
        let expected = CreateMetadata {
            name,
            symbol,
            uri: String::new(),
            seller_fee_basis_points: 0,
            creators: None,
            collection: None,
            uses: None,
            is_mutable: false,
            collection_details: None,
        };
        assert_eq!(CreateMetadata::try_from_slice(&data[1..]).expect("the layout of CreateMetadataAccountV3"), expected);
        let pool = (world.pool, true, false);
        let expected = [
            (metadata, false, true),
            (mint, false, false),
            pool,
            (trader.pubkey(), true, true),
            pool,
            (address::SYSTEM_PROGRAM, false, false),
        ];
        assert_eq!(accounts, expected);
    }
}

#[test]
fn refuses_a_mint_of_another_resource() {
    let mut world = World::active(WorldConfig::default());
    world.vm.svm.add_builtin(METADATA_PROGRAM, StandIn::register);
    let (trader, state) = (world.trader(), world.state());
    for (resource, mint) in [(0, state.pool.voucher_mints[1]), (u8::MAX, state.pool.voucher_mints[0]), (0, state.pool.lp_mint)] {
        let failure = world.vm.send(&[describe(&world, resource, mint)], &[&trader]).expect_err("not its mint");
        assert!(failure.is(HmmError::WrongAccount), "{failure}");
    }
    let failure = world.vm.send(&[describe(&world, 5, state.pool.lp_mint)], &[&trader]).expect_err("no such resource");
    assert!(failure.is(HmmError::UnknownResource), "{failure}");
    assert!(ASKED.with_borrow(Vec::is_empty));
}
