//! What needs no VM: limits, names, refusals in logs, events in instructions. That quotes equal the program's is tested on the VM.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmm_client::{
    HMM_ID, HmmError, HmmEvent, Leg, LegKind, LegQuote, Limited, Quote, RefusalData, Refused, address,
    event::Expectation,
    events,
    generated::accounts::{MARKET_DISCRIMINATOR, Market, POOL_DISCRIMINATOR, Pool},
    quote::{SUBJECT_CALL, price_impact},
    refusal,
    state::{PoolState, name, text},
};
use solana_address::Address;

const KINDS: [LegKind; 4] = [LegKind::BuyExactIn, LegKind::BuyExactOut, LegKind::SellExactIn, LegKind::SellExactOut];

fn leg_quote(units: u64, credits: u64) -> LegQuote {
    LegQuote { units, credits, fee: 0, burn: 0, to_lps: 0, to_treasury: 0, fee_rate: 0, price_before: 1 << 64, price_after: 0 }
}

fn quoted(net: i64, legs: Vec<LegQuote>) -> Quote {
    Quote { net, refusal: None, legs }
}

#[test]
fn slippage_is_to_the_traders_disadvantage() {
    let legs = KINDS.map(|kind| Leg::unlimited(0, kind, 1));
    let quote = quoted(0, vec![leg_quote(1_001, 2_001); 4]);
    let limited = Limited::new(&legs, &quote, 50).expect("no refusal");
    assert_eq!(limited.legs.iter().map(|leg| leg.limit).collect::<Vec<_>>(), [995, 2_012, 1_990, 1_007]);
    for (net, limit) in [(1_001, 1_007), (-1_001, -995), (0, 0), (i64::MAX, i64::MAX), (i64::MIN, -9_177_255_176_670_501_928)] {
        assert_eq!(Limited::new(&[], &quoted(net, vec![]), 50).expect("no refusal").net_limit, limit, "{net}");
    }
    let all = Limited::new(&legs, &quote, 20_000).expect("no refusal");
    assert_eq!(all.legs.iter().map(|leg| leg.limit).collect::<Vec<_>>(), [0, 6_003, 0, 3_003]);
    assert_eq!(Limited::new(&legs, &quoted(0, vec![]), 50), None);
    let refused = RefusalData { code: HmmError::Paused as u32, subject: SUBJECT_CALL, expected: 1, found: 0 };
    assert_eq!(Limited::new(&[], &Quote { net: 0, refusal: Some(refused), legs: vec![] }, 50), None);
}

#[test]
fn price_impact_is_a_loss_on_both_sides() {
    let close = |found: f64| assert!((found - 0.01).abs() < 1e-9, "{found}");
    close(price_impact(LegKind::BuyExactOut, &LegQuote { fee: 5, ..leg_quote(1_000, 1_015) }));
    close(price_impact(LegKind::SellExactIn, &LegQuote { fee: 5, ..leg_quote(1_000, 985) }));
}

#[test]
fn names_are_printable_ascii() {
    for valid in ["gpu", "gpu-h100", "0123456789abcdef"] {
        assert_eq!(name(valid).map(|bytes| text(&bytes)).as_deref(), Some(valid));
    }
    for invalid in ["", "0123456789abcdefg", "gpu h100", "µ", "\n"] {
        assert_eq!(name(invalid), None, "{invalid:?}");
    }
}

fn refused(discriminator: [u8; 8], code: u32) -> Vec<u8> {
    let refusal = RefusalData { code, subject: 3, expected: 10, found: 11 };
    let mut bytes = discriminator.to_vec();
    bytes.extend(borsh::to_vec(&Refused { refusal }).expect("bytes"));
    bytes
}

/// The discriminator of `Refused`, as generated; it is nobody else's business, so it is private.
fn of_refused() -> [u8; 8] {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/generated/events.rs")).expect("events.rs");
    let line = source.lines().find_map(|line| line.strip_prefix("const REFUSED: [u8; 8] = [")).expect("REFUSED");
    let mut bytes = line.trim_end_matches("];").split(", ").map(|byte| byte.parse().expect("a byte"));
    [(); 8].map(|()| bytes.next().expect("eight bytes"))
}

#[test]
fn a_refusal_is_read_from_the_programs_own_logs_alone() {
    let data = BASE64_STANDARD.encode(refused(of_refused(), HmmError::BelowMinPsi as u32));
    let logs = |program: &str| {
        [
            format!("Program {program} invoke [1]"),
            format!("Program data: {data}"),
            format!("Program {program} failed: custom program error: 0x1776"),
        ]
    };
    let found = refusal(logs(&HMM_ID.to_string())).expect("a refusal");
    assert_eq!(found.error(), Some(HmmError::BelowMinPsi));
    assert_eq!((found.subject, found.what), (3, Expectation::Number { expected: 10, found: 11 }));
    assert_eq!(found.to_string(), "The trade would take the resource reserve below its floor (6006: expected 10, found 11)");
    assert_eq!(refusal(logs("11111111111111111111111111111111")), None);
    // inside another program's call, after ours has returned, and in ours, after another's call has
    let [start, event, end] = logs(&HMM_ID.to_string());
    let other = |event: &str| format!("Program 11111111111111111111111111111111 {event}");
    assert_eq!(refusal([&start, &other("invoke [2]"), &event, &other("success"), &end]), None);
    assert_eq!(refusal([&start, &other("invoke [2]"), &other("success"), &event, &end]), Some(found));
    assert_eq!(refusal([&start, &end, &event]), None);
}

#[test]
fn events_are_read_from_the_programs_own_calls_alone() {
    let tag = 0x1d9a_cb51_2ea5_45e4_u64.to_le_bytes();
    let event = refused(of_refused(), 6_000);
    let call = [tag.as_slice(), &event].concat();
    let short = &call[..call.len() - 1];
    let inner: [(&Address, &[u8]); 5] = [
        (&HMM_ID, &call),
        (&address::TOKEN_PROGRAM, &call), // another program
        (&HMM_ID, &event),                // no tag
        (&HMM_ID, short),                 // cut off
        (&HMM_ID, &tag),                  // nothing in it
    ];
    assert!(matches!(events(inner).as_slice(), [HmmEvent::Refused(Refused { refusal })] if refusal.found == 11));
}

#[test]
fn accounts_of_another_kind_are_not_decoded() {
    let with = |discriminator: [u8; 8], length: usize| [discriminator.as_slice(), &vec![0; length - 8]].concat();
    let (pool, market) = (with(POOL_DISCRIMINATOR, Pool::LEN), with(MARKET_DISCRIMINATOR, Market::LEN));
    let decode = |pool: &[u8], market: &[u8]| PoolState::decode(Address::default(), pool, market, 0, 0);
    let state = decode(&pool, &market).expect("both are right");
    assert_eq!((state.reserve(0), state.resource_index("gpu")), (None, None));
    assert!(decode(&with(MARKET_DISCRIMINATOR, Pool::LEN), &market).is_err());
    assert!(decode(&pool, &with(POOL_DISCRIMINATOR, Market::LEN)).is_err());
    assert!(decode(&pool[..100], &market).is_err());
}

#[test]
fn nothing_is_quoted_before_the_first_deposit() {
    let zeros = |discriminator: [u8; 8], length: usize| [discriminator.as_slice(), &vec![0; length - 8]].concat();
    let state =
        PoolState::decode(Address::default(), &zeros(POOL_DISCRIMINATOR, Pool::LEN), &zeros(MARKET_DISCRIMINATOR, Market::LEN), 0, 0);
    let quote = hmm_client::quote(&state.expect("a pool"), &[Leg::unlimited(0, LegKind::BuyExactOut, 1)]);
    assert_eq!(quote.refusal.map(|refusal| refusal.code), Some(HmmError::PoolStatus as u32));
    assert_eq!(quote.legs, []);
}
