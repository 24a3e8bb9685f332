//! What is stored comes back.

use hmm_job::{Code, Outcome, Phase, Verdict};

fn check<T: Code + PartialEq + core::fmt::Debug>() {
    for (place, variant) in T::ALL.iter().enumerate() {
        assert_eq!(usize::from(variant.code()), place);
        assert_eq!(T::load(T::store(Some(*variant))), Some(*variant));
    }
    assert_eq!(T::load(T::store(None)), None);
    assert_eq!(T::from_code(T::ALL.len() as u8), None);
}

#[test]
fn every_code_is_the_place_of_its_variant() {
    check::<Phase>();
    check::<Verdict>();
    check::<Outcome>();
    assert_eq!(Phase::ALL.len(), Phase::COUNT);
}
