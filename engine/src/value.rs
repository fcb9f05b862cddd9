//! Typed values: what a fact may hold, how it is read, and how two of them compare.

use std::fmt;

pub use order::{compare, contains_address, seconds};
pub use read::Value;

mod order;
mod read;

/// The types of facts, inputs and source parameters (language reference, "Facts").
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Type {
    /// Kind, namespace, name and uid of one object.
    ObjectRef,
    /// Any non-empty string.
    String,
    /// Many messages; never one blob, never compared as a value.
    Text,
    /// A whole number; also read from a string of digits.
    Int,
    /// `true` or `false`; also read from those strings.
    Bool,
    /// A GUID, compared without regard to case.
    Guid,
    /// A Kubernetes object name.
    K8sName,
    /// `/subscriptions/…`, compared without regard to case.
    AzureResourceId,
    /// A host name, compared without regard to case.
    Host,
    /// An IPv4 or IPv6 address.
    Ip,
    /// An address block.
    Cidr,
    /// An absolute URL.
    Url,
    /// A length of time, written `90s`, `10m`, `1h30m`, `2d`.
    Duration,
    /// A moment in UTC, RFC 3339.
    Timestamp,
    /// A dotted version, with or without a leading `v`.
    Version,
    /// A Kubernetes quantity, such as `500m` or `2Gi`.
    Quantity,
}

impl Type {
    /// Every type with the name playbooks use for it; help, checking and the schema read this list.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("object-ref", Self::ObjectRef),
        ("string", Self::String),
        ("text", Self::Text),
        ("int", Self::Int),
        ("bool", Self::Bool),
        ("guid", Self::Guid),
        ("k8s-name", Self::K8sName),
        ("azure-resource-id", Self::AzureResourceId),
        ("host", Self::Host),
        ("ip", Self::Ip),
        ("cidr", Self::Cidr),
        ("url", Self::Url),
        ("duration", Self::Duration),
        ("timestamp", Self::Timestamp),
        ("version", Self::Version),
        ("quantity", Self::Quantity),
    ];

    /// The name playbooks use.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, it)| *it == self).map_or("string", |(name, _)| name)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which object is meant. Parts that are not known are empty.
#[derive(
    Clone,
    Debug,
    Default,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct ObjectRef {
    /// For example `Pod`.
    #[serde(default)]
    pub kind: String,
    /// Empty for cluster-scoped objects.
    #[serde(default)]
    pub namespace: String,
    /// The object's name.
    #[serde(default)]
    pub name: String,
    /// The object's uid: two pods of one name in turn have two uids.
    #[serde(default)]
    pub uid: String,
}

/// FNV-1a, 64 bit: equal on every machine and in every run.
pub(crate) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
