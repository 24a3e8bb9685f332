//! The end of a resource that has one: its last price, what workers still hold, what vouchers are paid.

pub mod redeem;
pub mod stop_series;
pub mod sweep_series;
