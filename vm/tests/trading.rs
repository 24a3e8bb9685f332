//! Trading on the VM.

use hmm_client::{Leg, LegKind};
use hmm_vm::{World, WorldConfig};

#[test]
fn buys_and_sells() {
    let mut world = World::active(WorldConfig::default());
    let trader = world.trader();
    let leg = |resource, kind, amount, limit| Leg { resource, kind, amount, limit };
    for (name, legs) in [
        ("buy out", vec![leg(0, LegKind::BuyExactOut, 100_000_000, u64::MAX)]),
        ("buy in", vec![leg(0, LegKind::BuyExactIn, 100_000_000_000, 0)]),
        ("sell in", vec![leg(0, LegKind::SellExactIn, 50_000_000, 0)]),
        ("sell out", vec![leg(0, LegKind::SellExactOut, 5_000_000_000, u64::MAX)]),
        ("buy 5", (0..5).map(|i| leg(i, LegKind::BuyExactOut, 100_000_000, u64::MAX)).collect()),
    ] {
        let receipt = world.swap(&trader, legs).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        println!("{name}: {} CU {:?}", receipt.compute_units, receipt.events);
    }
}
