//! The draw, the windows and the medians of committees.

use hmm_attest::draw::{seed, word, words};
use hmm_job::{
    Reason,
    committee::{self, MAX_COMMITTEE, draw, draw_slot, key, median, middle, require_commit, require_reveal, target_slot},
};

/// The places drawn from these weights under the n-th seed.
fn drawn(weights: &[u64], n: u64, k: usize) -> Vec<u8> {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_le_bytes());
    let seed = seed(&hash, &[7; 32], 0);
    let mut seats = [u8::MAX; MAX_COMMITTEE];
    let entries = (0u8..).zip(weights).zip(words(&seed)).map(|((place, weight), word)| (place, *weight, word));
    let count = draw(entries, &mut seats[..k]);
    assert!(seats[usize::from(count)..].iter().all(|place| *place == u8::MAX), "untouched beyond what was drawn");
    seats[..usize::from(count)].to_vec()
}

/// The probability that one seat after the other, by stake without replacement, gives exactly this order.
fn exact(weights: &[u64], order: &[u8]) -> f64 {
    let mut left: f64 = weights.iter().map(|w| *w as f64).sum();
    order.iter().fold(1.0, |p, place| {
        let w = weights[usize::from(*place)] as f64;
        let p = p * w / left;
        left -= w;
        p
    })
}

/// χ² of all ordered committees against the exact distribution of successive draws.
#[test]
fn the_draw_is_by_stake_without_replacement() {
    const DRAWS: u64 = 60_000;
    // 99.9 % of χ² with n − 1 degrees of freedom, for n = 20, 60, 24
    for (weights, k, bound) in [
        (vec![1, 2, 3, 4, 10], 2, 43.8),
        (vec![1_000, 1_000, 1_000, 1_000, 1_000], 3, 98.3),
        (vec![u64::MAX / 2, u64::MAX / 4, u64::MAX / 8, u64::MAX / 8], 4, 49.7),
    ] {
        let mut counts = std::collections::BTreeMap::new();
        for n in 0..DRAWS {
            *counts.entry(drawn(&weights, n, k)).or_insert(0u64) += 1;
        }
        let mut total = 0.0;
        let chi: f64 = counts
            .iter()
            .map(|(order, count)| {
                let expected = exact(&weights, order) * DRAWS as f64;
                total += expected;
                (*count as f64 - expected).powi(2) / expected
            })
            .sum();
        assert!((total - DRAWS as f64).abs() < 1.0, "every order came up: {total}");
        println!("χ² of {} orders: {chi:.1} < {bound}", counts.len());
        assert!(chi < bound, "{weights:?}: {chi}");
    }
}

/// Everybody at most once, nobody without weight, all who have some if the seats are enough; for every choice of who has weight among
/// ten and every size.
#[test]
fn nobody_twice_nobody_excluded() {
    for who in 0u16..1 << 10 {
        let weights: Vec<u64> = (0..10).map(|i| if who >> i & 1 == 1 { 5 + i } else { 0 }).collect();
        for k in 0..=MAX_COMMITTEE {
            let seats = drawn(&weights, who.into(), k);
            let mut unique = seats.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), seats.len());
            assert!(seats.iter().all(|place| who >> place & 1 == 1));
            assert_eq!(seats.len(), k.min(who.count_ones() as usize));
        }
    }
}

/// Taking anybody out of the row moves nobody else: of those who stay, the order is the same.
#[test]
fn leaving_gives_up_one_seat_and_moves_nobody() {
    let weights: Vec<u64> = (0..40).map(|i| 1_000 + 37 * i * i).collect();
    for n in 0..500 {
        let before = drawn(&weights, n, 6);
        for place in 0..40u8 {
            let mut without = weights.clone();
            without[usize::from(place)] = 0;
            let after = drawn(&without, n, 6);
            let stay: Vec<u8> = before.iter().copied().filter(|p| *p != place).collect();
            assert_eq!(after[..stay.len()], stay, "draw {n} without {place}");
        }
    }
}

/// More weight never loses a seat that less weight had.
#[test]
fn keys_fall_with_weight_and_rise_as_words_fall() {
    for word in [0, 1, 2, 1 << 20, 1 << 63, u64::MAX - 1, u64::MAX] {
        assert_eq!(key(0, word), None);
        let keys: Vec<_> = (0..64).map(|bit| key(1 << bit, word).unwrap()).collect();
        assert!(keys.is_sorted_by(|a, b| a >= b));
        assert!(key(u64::MAX, word) <= key(1 << 63, word));
    }
    let by_word: Vec<_> = (0..64).map(|bit| key(1, 1 << bit).unwrap()).collect();
    assert!(by_word.is_sorted_by(|a, b| a > b));
    assert_eq!(key(1, 0), key(1, 1), "the word 0 counts as 1");
    assert_eq!(key(1, 1), Some(64 << 104));
    assert_eq!(key(1, 1 << 63), Some(1 << 104));
}

#[test]
fn the_word_of_the_draw_is_no_place_s() {
    let seed = seed(&[1; 32], &[2; 32], 3);
    assert!(words(&seed).take(10_000).all(|w| w != word(&seed)));
    // another hash, assignment or number: other words
    let all = [([1; 32], [2; 32], 3), ([9; 32], [2; 32], 3), ([1; 32], [9; 32], 3), ([1; 32], [2; 32], 4)];
    let firsts: std::collections::BTreeSet<u64> = all.iter().map(|(h, a, n)| word(&hmm_attest::draw::seed(h, a, *n))).collect();
    assert_eq!(firsts.len(), all.len());
}

/// Against the definition, for every draw slot and every present slot of two histories and a half.
#[test]
fn the_target_slot_is_the_latest_of_its_class_in_the_past() {
    for draw_slot in [0u64, 1, 511, 512, 1_000] {
        for slot in 0..draw_slot + 1_300 {
            let expected = (0..).map(|n| draw_slot + 512 * n).take_while(|target| *target < slot).last();
            assert_eq!(target_slot(draw_slot, slot), expected, "{draw_slot} at {slot}");
            // within what the runtime remembers
            assert!(expected.is_none_or(|target| slot - target <= committee::HISTORY));
        }
    }
    assert_eq!(target_slot(u64::MAX, u64::MAX), None);
    assert_eq!(draw_slot(100, 20, 0), 120);
    assert_eq!(draw_slot(100, 20, 3), 127);
    assert_eq!(draw_slot(u64::MAX, 20, u64::MAX), u64::MAX);
}

/// Every second of a round belongs to exactly one of committing and revealing, unless all have committed: then to revealing.
#[test]
fn every_second_of_a_round_has_one_purpose() {
    for round in 1..60u32 {
        let until = 1_000 + i64::from(round);
        for now in 1_000..until + 5 {
            let commits = require_commit(until, round, now).is_ok();
            let reveals = require_reveal(until, round, false, now).is_ok();
            assert_eq!(commits, now < middle(until, round));
            assert_eq!(reveals, !commits && now < until);
            assert_eq!(require_reveal(until, round, true, now).is_ok(), now < until);
        }
        assert_eq!(require_reveal(until, round, false, until).unwrap_err().reason, Reason::Late);
        assert!(middle(until, round) > 1_000, "there is a second to commit in");
    }
    assert_eq!(require_reveal(100, 10, false, 94).unwrap_err().reason, Reason::Early);
    assert_eq!(require_commit(100, 10, 95).unwrap_err().reason, Reason::Late);
}

/// Against sorting, for every list of up to six values out of four.
#[test]
fn the_median_is_the_lower_one() {
    assert_eq!(median::<u16>(&[]), None);
    for length in 1..=6u32 {
        for code in 0..4u32.pow(length) {
            let values: Vec<i64> = (0..length).map(|i| i64::from(code / 4u32.pow(i) % 4) - 2).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            assert_eq!(median(&values), Some(sorted[(values.len() - 1) / 2]));
        }
    }
}

/// A coalition of fewer than a third of the seats leaves the median within what the honest say, whatever it says and whether it
/// reveals at all; for every size up to 16, every such coalition and its extreme votes.
#[test]
fn fewer_than_a_third_decide_nothing() {
    let mut cases = 0u64;
    for seats in 1..=MAX_COMMITTEE {
        for bad in 0..seats.div_ceil(3) {
            let honest = seats - bad;
            // revealed of the coalition, and how many of them vote low
            for revealed in 0..=bad {
                for low in 0..=revealed {
                    // the honest are within ±50 of 6,000
                    let mut votes: Vec<u16> = (0..honest).map(|i| 5_950 + (i * 100 / honest.max(1)) as u16).collect();
                    votes.extend((0..revealed).map(|i| if i < low { 0 } else { 10_000 }));
                    assert!(votes.len() * 3 >= seats * 2, "the honest alone are a quorum");
                    let m = median(&votes).unwrap();
                    assert!((5_950..=6_050).contains(&m), "{seats} seats, {bad} bad: {m}");
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} committees");
}

/// How often a coalition with 30 % of the stake has the majority of a committee: printed, and held against the exact numbers. One verifier with
/// as much has one vote, so never the majority: stake counts in the draw, not again in the votes.
#[test]
fn coalitions() {
    const DRAWS: u64 = 20_000;
    let choose = |n: u64, k: u64| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    for (seats, most) in [(3u64, 0.22), (5, 0.17), (6, 0.08), (10, 0.05), (16, 0.01)] {
        let (mut many, mut one) = (0, 0);
        for n in 0..DRAWS {
            // 12 of 40 equal stakes
            let votes = drawn(&[7_000; 40], n, seats as usize).iter().filter(|place| **place < 12).count() as u64;
            many += u64::from(votes * 2 > seats);
            let whale: Vec<u64> = (0..40).map(|i| if i == 0 { 39 * 3_000 } else { 7_000 }).collect();
            let votes = drawn(&whale, n, seats as usize).iter().filter(|place| **place == 0).count() as u64;
            one += u64::from(votes * 2 > seats);
        }
        let exact: f64 = (seats / 2 + 1..=seats.min(12)).map(|bad| choose(12, bad) * choose(28, seats - bad) / choose(40, seats)).sum();
        let found = many as f64 / DRAWS as f64;
        println!(
            "{seats} seats: 30 % of the stake has the majority in {:.2} % of {DRAWS} draws (exactly {:.2} %)",
            found * 100.0,
            exact * 100.0
        );
        assert!((found - exact).abs() < 4.0 * (exact / DRAWS as f64).sqrt() + 0.001 && exact < most);
        assert_eq!(one, 0, "one verifier, one vote");
    }
}
