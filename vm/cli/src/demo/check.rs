//! Checks: what was found, how it must stand to what was expected, and whether it does.

use std::fmt::Display;

use serde::Serialize;

/// One number, or one for each of several things.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub enum Shown {
    One(String),
    Many(Vec<String>),
}

#[derive(Clone, Serialize)]
pub struct Check {
    pub name: String,
    pub value: Shown,
    pub relation: &'static str,
    pub expected: Shown,
    pub ok: bool,
    /// Whether it is one of those that follow every step.
    #[serde(skip)]
    pub standing: bool,
}

/// The checks of one step. They are made of the values themselves; text is only what is shown.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    pub fn all_ok(&self) -> bool {
        self.0.iter().all(|check| check.ok)
    }

    /// Marks the checks so far as those that follow every step.
    pub fn standing(mut self) -> Self {
        self.0.iter_mut().for_each(|check| check.standing = true);
        self
    }

    pub fn equal<T: PartialEq + Display>(&mut self, name: &str, value: T, expected: T) {
        let ok = value == expected;
        self.one(name, &value, "=", &expected, ok);
    }

    pub fn at_least<T: PartialOrd + Display>(&mut self, name: &str, value: T, expected: T) {
        let ok = value >= expected;
        self.one(name, &value, "≥", &expected, ok);
    }

    pub fn all_equal<T: PartialEq + Display>(&mut self, name: &str, value: &[T], expected: &[T]) {
        self.many(name, value, "=", expected, T::eq);
    }

    pub fn all_at_least<T: PartialOrd + Display>(&mut self, name: &str, value: &[T], expected: &[T]) {
        self.many(name, value, "≥", expected, T::ge);
    }

    pub fn all_at_most<T: PartialOrd + Display>(&mut self, name: &str, value: &[T], expected: &[T]) {
        self.many(name, value, "≤", expected, T::le);
    }

    fn one<T: Display>(&mut self, name: &str, value: &T, relation: &'static str, expected: &T, ok: bool) {
        let shown = |value: &T| Shown::One(value.to_string());
        self.0.push(Check { name: name.to_owned(), value: shown(value), relation, expected: shown(expected), ok, standing: false });
    }

    fn many<T: Display>(&mut self, name: &str, value: &[T], relation: &'static str, expected: &[T], holds: fn(&T, &T) -> bool) {
        // nothing compared with nothing shows nothing
        let ok = !value.is_empty() && value.len() == expected.len() && value.iter().zip(expected).all(|(v, e)| holds(v, e));
        let shown = |values: &[T]| Shown::Many(values.iter().map(T::to_string).collect());
        self.0.push(Check { name: name.to_owned(), value: shown(value), relation, expected: shown(expected), ok, standing: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_what_does_not_hold() {
        let mut checks = Checks::default();
        checks.equal("one", 1, 1);
        checks.at_least("more", 2, 1);
        checks.all_at_most("each", &[1, 2], &[1, 3]);
        assert!(checks.all_ok());
        for wrong in [
            |checks: &mut Checks| checks.equal("one", 1, 2),
            |checks: &mut Checks| checks.at_least("less", 0, 1),
            |checks: &mut Checks| checks.all_equal("other", &[1, 2], &[1, 3]),
            |checks: &mut Checks| checks.all_equal("shorter", &[1], &[1, 2]),
            |checks: &mut Checks| checks.all_equal::<u64>("none", &[], &[]),
            |checks: &mut Checks| checks.all_at_least("one fell", &[2, 0], &[1, 1]),
        ] {
            let mut checks = checks.clone();
            wrong(&mut checks);
            assert!(!checks.all_ok(), "{}", checks.0.last().expect("a check").name);
        }
    }
}
