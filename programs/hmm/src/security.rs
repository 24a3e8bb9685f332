//! The program's security.txt: whom to tell of a hole, readable from the deployed binary.

/// Key and value pairs between the markers explorers look for, each ended by a zero byte.
pub const SECURITY_TXT: &str = concat!(
    "=======BEGIN SECURITY.TXT V1=======\0",
    "name\0",
    "HMM, the Hamiltonian Market Maker",
    "\0",
    "project_url\0",
    "https://github.com/hanzoai/hmm",
    "\0",
    "contacts\0",
    "email:research@hanzo.ai",
    "\0",
    "policy\0",
    "https://github.com/hanzoai/hmm/blob/main/SECURITY.md",
    "\0",
    "source_code\0",
    "https://github.com/hanzoai/hmm",
    "\0",
    "=======END SECURITY.TXT V1=======\0",
);
