//! Runs the built programs on an embedded Solana VM (LiteSVM).
