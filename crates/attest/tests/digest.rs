//! No two digests collide that should not: types, domains, fields, and what a Merkle tree hashes.
use hmm_attest::digest::*;
use hmm_attest::trace::{STATE_TAG, WEIGHTS_TAG};
use hmm_attest::{RESOURCES, Reason, hash, merkle};
use std::collections::HashSet;

const DOMAIN: Domain = Domain { program: [1; 32], genesis: [2; 32], market: [3; 32] };
const ATTESTATION: Attestation = Attestation {
    job: [4; 32],
    assignment: [5; 32],
    worker: [6; 32],
    model_root: [7; 32],
    input_root: [8; 32],
    report_digest: [9; 32],
    output_root: [10; 32],
    trace_root: [11; 32],
    measurement: [12; 32],
    usage: [13; RESOURCES],
};
const COMMIT: VerifierCommit = VerifierCommit { round: [4; 32], seat: 5, score: 6, delta_i: 7, delta_u: 8, salt: [9; 32] };
const LEAF: EnclaveLeaf = EnclaveLeaf { worker: [4; 32], measurement: [5; 32], key: [6; 32], capacity: [7; RESOURCES], expiry: 8 };

/// The names of the fields of a type in its `Debug` form: a field that is added must be added to the test too.
fn fields(debug: String) -> usize {
    debug.matches(": ").count()
}

#[test]
fn every_field_counts() {
    let mut digests = Vec::new();
    let domains = [
        DOMAIN,
        Domain { program: [9; 32], ..DOMAIN },
        Domain { genesis: [9; 32], ..DOMAIN },
        Domain { market: [9; 32], ..DOMAIN },
        Domain { program: DOMAIN.genesis, genesis: DOMAIN.program, ..DOMAIN },
    ];
    for domain in &domains {
        digests.extend([ATTESTATION.digest(domain), COMMIT.digest(domain), LEAF.digest(domain)]);
    }
    let other = [99; 32];
    let attestations = [
        Attestation { job: other, ..ATTESTATION },
        Attestation { assignment: other, ..ATTESTATION },
        Attestation { worker: other, ..ATTESTATION },
        Attestation { model_root: other, ..ATTESTATION },
        Attestation { input_root: other, ..ATTESTATION },
        Attestation { report_digest: other, ..ATTESTATION },
        Attestation { output_root: other, ..ATTESTATION },
        Attestation { trace_root: other, ..ATTESTATION },
        Attestation { measurement: other, ..ATTESTATION },
        Attestation { usage: [99; RESOURCES], ..ATTESTATION },
    ];
    assert_eq!(attestations.len(), fields(format!("{ATTESTATION:?}")));
    digests.extend(attestations.map(|it| it.digest(&DOMAIN)));
    let commits = [
        VerifierCommit { round: other, ..COMMIT },
        VerifierCommit { seat: 99, ..COMMIT },
        VerifierCommit { score: 99, ..COMMIT },
        VerifierCommit { delta_i: 99, ..COMMIT },
        VerifierCommit { delta_u: 99, ..COMMIT },
        VerifierCommit { salt: other, ..COMMIT },
    ];
    assert_eq!(commits.len(), fields(format!("{COMMIT:?}")));
    digests.extend(commits.map(|it| it.digest(&DOMAIN)));
    digests.push(VerifierCommit { delta_i: COMMIT.delta_u, delta_u: COMMIT.delta_i, ..COMMIT }.digest(&DOMAIN));
    let leaves = [
        EnclaveLeaf { worker: other, ..LEAF },
        EnclaveLeaf { measurement: other, ..LEAF },
        EnclaveLeaf { key: other, ..LEAF },
        EnclaveLeaf { capacity: [99; RESOURCES], ..LEAF },
        EnclaveLeaf { expiry: 99, ..LEAF },
    ];
    assert_eq!(leaves.len(), fields(format!("{LEAF:?}")));
    digests.extend(leaves.map(|it| it.digest(&DOMAIN)));
    // each place of what is told per resource
    for at in 0..RESOURCES {
        let mut usage = ATTESTATION.usage;
        usage[at] += 1;
        let mut capacity = LEAF.capacity;
        capacity[at] += 1;
        digests.push(Attestation { usage, ..ATTESTATION }.digest(&DOMAIN));
        digests.push(EnclaveLeaf { capacity, ..LEAF }.digest(&DOMAIN));
    }
    assert_eq!(digests.iter().collect::<HashSet<_>>().len(), digests.len());
}

/// Types differ before anything that an attacker chooses, whatever their lengths: in the tag, of which none is a prefix of another.
#[test]
fn types_and_nodes_never_share_a_preimage() {
    let tags = [TAGS, &[WEIGHTS_TAG, STATE_TAG]].concat();
    for (i, tag) in tags.iter().enumerate() {
        let text = tag.split(|byte| *byte == 0).next().unwrap();
        assert!(text.starts_with(b"hmm:") && tag[text.len()..].iter().all(|byte| *byte == 0));
        for other in tags.iter().skip(i + 1) {
            assert!(!other.starts_with(text) && !tag.starts_with(other.split(|byte| *byte == 0).next().unwrap()));
        }
        // leaves begin with 0x00, nodes with 0x01
        assert!(tag[0] > 1);
    }
    let lengths = HashSet::from([Attestation::LENGTH, VerifierCommit::LENGTH, EnclaveLeaf::LENGTH]);
    assert_eq!(lengths.len(), TAGS.len());
    for (preimage, tag) in [
        (ATTESTATION.preimage(&DOMAIN), Attestation::TAG),
        (COMMIT.preimage(&DOMAIN), VerifierCommit::TAG),
        (LEAF.preimage(&DOMAIN), EnclaveLeaf::TAG),
    ] {
        assert!(preimage.starts_with(&tag) && TAGS.contains(&tag));
    }
    // the preimages of a leaf and of a node are what is written
    assert_eq!(merkle::leaf(0x0403_0201, b"x"), hash(&[&[0, 1, 2, 3, 4, b'x']]));
    assert_eq!(merkle::node(&[2; 32], &[3; 32]), hash(&[&[1], &[2; 32], &[3; 32]]));
}

#[test]
fn sha256_is_sha256() {
    // FIPS 180-2, "abc"
    let abc = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
        0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];
    assert_eq!(hash(&[b"abc"]), abc);
    assert_eq!(hash(&[b"a", b"", b"bc"]), abc);
}

#[test]
fn reasons_are_numbered_and_told() {
    for (code, reason) in Reason::ALL.iter().enumerate() {
        assert_eq!(*reason as usize, code);
        assert!(!reason.message().is_empty() && !reason.name().is_empty());
    }
    assert_eq!(Reason::ALL.iter().map(|reason| reason.message()).collect::<HashSet<_>>().len(), Reason::ALL.len());
}
