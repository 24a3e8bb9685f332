//! The vectors that the Python oracle wrote, every section.
use hmm_math::liquidity::*;
use hmm_math::*;
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(include_str!("../vectors.json")).unwrap()
}
fn rows(section: &str) -> Vec<Value> {
    document()[section].as_array().unwrap().clone()
}
fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}"))
}
fn n(row: &Value, key: &str) -> u64 {
    text(row, key).parse().unwrap()
}
fn n32(row: &Value, key: &str) -> u32 {
    text(row, key).parse().unwrap()
}
fn kappa(row: &Value) -> Kappa {
    Kappa(U256::from_limbs(*text(row, "kappa").parse::<ruint::aliases::U256>().unwrap().as_limbs()))
}
fn curve(row: &Value) -> Curve {
    let c = &row["curve"];
    Curve { weight: n32(c, "weight"), lambda: n32(c, "lambda"), psi_scale: n32(c, "psi_scale"), theta_scale: n32(c, "theta_scale") }
}
fn windows(w: &Value) -> Windows {
    Windows {
        window: n(w, "window"),
        move_cur: n(w, "move_cur"),
        move_prev: n(w, "move_prev"),
        pending_cur: n(w, "pending_cur"),
        pending_prev: n(w, "pending_prev"),
        dripped: n(w, "dripped"),
    }
}
fn reserve(r: &Value) -> Reserve {
    Reserve {
        curve: curve(r),
        psi: Psi(n(r, "psi")),
        theta: Theta(n(r, "theta")),
        kappa: kappa(r),
        min_psi: Psi(n(r, "min_psi")),
        min_theta: Theta(n(r, "min_theta")),
        windows: windows(&r["windows"]),
    }
}
fn fees(row: &Value) -> FeeParams {
    let f = &row["fees"];
    let ppm = |key| Ppm(n32(f, key));
    FeeParams {
        market_fee: ppm("market_fee"),
        risk_fee: ppm("risk_fee"),
        max_fee: ppm("max_fee"),
        burn_share: ppm("burn_share"),
        lp_share: ppm("lp_share"),
        risk_window: n32(f, "risk_window"),
    }
}
fn fee(f: &Value) -> Fee {
    Fee { total: n(f, "total"), burn: n(f, "burn"), lp: n(f, "lp"), treasury: n(f, "treasury") }
}
fn kind(row: &Value) -> Kind {
    match text(row, "kind") {
        "BuyExactIn" => Kind::BuyExactIn,
        "BuyExactOut" => Kind::BuyExactOut,
        "SellExactIn" => Kind::SellExactIn,
        "SellExactOut" => Kind::SellExactOut,
        other => panic!("{other}"),
    }
}
/// What the row says: its refusal, or what `result` reads from it.
fn expected<T>(row: &Value, result: impl Fn(&Value) -> T) -> Result<T> {
    match row.get("error") {
        None => Ok(result(row)),
        Some(e) => {
            let reason = *Reason::ALL.iter().find(|r| r.name() == text(e, "reason")).unwrap();
            Err(Refusal { reason, expected: n(e, "expected"), found: n(e, "found") })
        }
    }
}

#[test]
fn kappas() {
    for row in rows("kappa") {
        assert_eq!(curve(&row).kappa(Psi(n(&row, "psi")), Theta(n(&row, "theta"))), kappa(&row), "{row}");
    }
}

#[test]
fn solves() {
    for row in rows("solve_psi") {
        assert_eq!(curve(&row).solve_psi(kappa(&row), Theta(n(&row, "theta"))), expected(&row, |r| Psi(n(r, "result"))), "{row}");
    }
    for row in rows("solve_theta") {
        assert_eq!(curve(&row).solve_theta(kappa(&row), Psi(n(&row, "psi"))), expected(&row, |r| Theta(n(r, "result"))), "{row}");
    }
}

#[test]
fn prices() {
    for row in rows("price") {
        let got = curve(&row).price_floor(Psi(n(&row, "psi")), Theta(n(&row, "theta")));
        assert_eq!(got, expected(&row, |r| Price(text(r, "result").parse().unwrap())), "{row}");
    }
}

#[test]
fn trades() {
    for row in rows("trade") {
        let before = reserve(&row["reserve"]);
        let mut after = before;
        let got = after.trade(kind(&row), n(&row, "amount"), n(&row, "slot"), &fees(&row));
        let want = expected(&row, |r| {
            let f = &r["fill"];
            Fill {
                units: n(f, "units"),
                curve_credits: n(f, "curve_credits"),
                credits: n(f, "credits"),
                fee: fee(&f["fee"]),
                rate: Ppb(n(f, "rate")),
            }
        });
        assert_eq!(got, want, "{row}");
        assert_eq!(after, if got.is_ok() { reserve(&row["after"]) } else { before }, "{row}");
    }
}

#[test]
fn rotations() {
    for row in rows("windows") {
        let (slot, length) = (n(&row, "slot"), n32(&row, "risk_window"));
        let mut w = windows(&row["before"]);
        assert_eq!(w.rotate(slot, length), n(&row, "drip"), "{row}");
        assert_eq!(w, windows(&row["after"]), "{row}");
        assert_eq!(w.recent_move_ceil(slot, length).0, n(&row, "recent_move"), "{row}");
    }
}

#[test]
fn fee_functions() {
    for row in rows("fee") {
        let plain = |r: &Value| n(r, "result");
        match text(&row, "function") {
            "fee_ceil" => assert_eq!(Ok(fee_ceil(n(&row, "amount"), Ppb(n(&row, "rate")))), expected(&row, plain), "{row}"),
            "gross_up_ceil" => assert_eq!(gross_up_ceil(n(&row, "amount"), Ppb(n(&row, "rate"))), expected(&row, plain), "{row}"),
            "rate_ceil" => {
                let got = fees(&row).rate_ceil(Ppb(n(&row, "recent")), Ppb(n(&row, "moved")));
                assert_eq!(got, expected(&row, |r| Ppb(n(r, "result"))), "{row}")
            }
            "split_floor" => {
                assert_eq!(fees(&row).split_floor(n(&row, "total"), Ppb(n(&row, "rate"))), fee(&row["result"]), "{row}")
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn liquidity_functions() {
    for row in rows("liquidity") {
        let plain = |r: &Value| n(r, "result");
        let shares = |key| Shares(n(&row, key));
        match text(&row, "function") {
            "deposit_ceil" => {
                assert_eq!(deposit_ceil(shares("shares"), n(&row, "reserve"), shares("supply")), expected(&row, plain), "{row}")
            }
            "withdraw_floor" => {
                assert_eq!(withdraw_floor(shares("shares"), n(&row, "reserve"), shares("supply")), expected(&row, plain), "{row}")
            }
            "shares_for_floor" => {
                let got = shares_for_floor(n(&row, "max_in"), n(&row, "reserve"), shares("supply"));
                assert_eq!(got.map(|s| s.0), expected(&row, plain), "{row}")
            }
            "first_shares_floor" => {
                let reserves = row["reserves"].as_array().unwrap();
                let got = first_shares_floor(reserves.iter().map(|r| (curve(r), Psi(n(r, "psi")), Theta(n(r, "theta")))));
                assert_eq!(got.map(|s| s.0), expected(&row, plain), "{row}")
            }
            other => panic!("{other}"),
        }
    }
}

/// The file is what the oracle writes today.
#[test]
fn vectors_are_fresh() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/oracle.py");
    let status = std::process::Command::new("python3").args([script, "--check"]).status().expect("python3");
    assert!(status.success(), "run python3 crates/math/oracle/oracle.py");
}
