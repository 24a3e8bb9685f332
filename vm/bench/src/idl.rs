//! What the tables need of the IDL.

use std::{fs, path::Path};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Idl {
    pub instructions: Vec<Instruction>,
    pub accounts: Vec<Account>,
    pub errors: Vec<Error>,
    pub types: Vec<Type>,
}

#[derive(Deserialize)]
pub struct Instruction {
    pub name: String,
    #[serde(default)]
    pub docs: Vec<String>,
    pub accounts: Vec<Slot>,
    pub args: Vec<Field>,
    pub returns: Option<Value>,
}

/// A place in an instruction's list of accounts.
#[derive(Deserialize)]
pub struct Slot {
    pub name: String,
    #[serde(default)]
    pub writable: bool,
    #[serde(default)]
    pub signer: bool,
}

#[derive(Deserialize)]
pub struct Account {
    pub name: String,
    pub discriminator: Vec<u8>,
}

#[derive(Deserialize)]
pub struct Error {
    pub code: u32,
    pub name: String,
    pub msg: String,
}

#[derive(Deserialize)]
pub struct Type {
    pub name: String,
    #[serde(default)]
    pub docs: Vec<String>,
    #[serde(rename = "type")]
    pub body: Body,
}

#[derive(Deserialize)]
pub struct Body {
    #[serde(default)]
    pub fields: Vec<Value>,
}

#[derive(Deserialize)]
pub struct Field {
    pub name: String,
    #[serde(default)]
    pub docs: Vec<String>,
    #[serde(rename = "type")]
    pub shape: Value,
}

impl Idl {
    pub fn read(path: &Path) -> crate::Result<Self> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}; `make build` writes it", path.display()))?;
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The name of the account whose discriminator the data begins with.
    pub fn account_of(&self, data: &[u8]) -> Option<&str> {
        self.accounts.iter().find(|account| data.starts_with(&account.discriminator)).map(|account| account.name.as_str())
    }

    /// Bytes of a type of fixed size; `None` of any other.
    pub fn size_of(&self, shape: &Value) -> Option<u64> {
        if let Some([element, length]) = shape["array"].as_array().map(Vec::as_slice) {
            return Some(self.size_of(element)? * length.as_u64()?);
        }
        if let Some(name) = shape["defined"]["name"].as_str() {
            let fields = self.fields(name);
            return if fields.is_empty() { None } else { fields.iter().map(|field| self.size_of(&field.shape)).sum() };
        }
        match shape.as_str()? {
            "bool" | "u8" | "i8" => Some(1),
            "u16" | "i16" => Some(2),
            "u32" | "i32" => Some(4),
            "u64" | "i64" => Some(8),
            "u128" | "i128" => Some(16),
            "pubkey" => Some(32),
            _ => None,
        }
    }

    /// The fields of a struct; none of anything else.
    pub fn fields(&self, name: &str) -> Vec<Field> {
        let body = self.types.iter().find(|t| t.name == name).map(|t| &t.body);
        body.into_iter().flat_map(|body| &body.fields).filter_map(|field| serde_json::from_value(field.clone()).ok()).collect()
    }
}

/// A type as Rust writes it.
pub fn type_name(shape: &Value) -> String {
    if let Some(name) = shape.as_str() {
        return name.to_owned();
    }
    if let Some([element, length]) = shape["array"].as_array().map(Vec::as_slice) {
        return format!("[{}; {length}]", type_name(element));
    }
    for (key, name) in [("vec", "Vec"), ("option", "Option")] {
        if let Some(inner) = shape.get(key) {
            return format!("{name}<{}>", type_name(inner));
        }
    }
    shape["defined"]["name"].as_str().unwrap_or("?").to_owned()
}

/// The name of the struct that a type is, or is an array of.
pub fn struct_of(shape: &Value) -> Option<&str> {
    match shape["array"].as_array().map(Vec::as_slice) {
        Some([element, _]) => struct_of(element),
        _ => shape["defined"]["name"].as_str(),
    }
}
