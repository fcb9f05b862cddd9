//! Canonical spellings, sizes and order of typed values.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::Type;

/// The comparable spelling of a value, or `None` where the text is not of the type.
pub(super) fn canonical(kind: Type, text: &str) -> Option<String> {
    let trimmed = text.trim();
    match kind {
        Type::String | Type::Text => Some(text.to_owned()),
        Type::ObjectRef => (!trimmed.is_empty()).then(|| trimmed.to_owned()),
        Type::Int => trimmed.parse::<i64>().ok().map(|number| number.to_string()),
        Type::Bool => matches!(trimmed, "true" | "false").then(|| trimmed.to_owned()),
        Type::Guid => is_guid(trimmed).then(|| trimmed.to_ascii_lowercase()),
        Type::K8sName => is_name(trimmed).then(|| trimmed.to_owned()),
        Type::AzureResourceId => resource_id(trimmed),
        Type::Host => is_host(trimmed).then(|| trimmed.trim_end_matches('.').to_ascii_lowercase()),
        Type::Ip => trimmed.parse::<IpAddr>().ok().map(|address| address.to_string()),
        Type::Cidr => block(trimmed).map(|(address, bits)| format!("{address}/{bits}")),
        Type::Url => (trimmed.starts_with("https://") || trimmed.starts_with("http://"))
            .then(|| trimmed.to_owned()),
        Type::Duration => seconds(trimmed).map(|it| it.to_string()),
        Type::Timestamp => crate::text::parse_rfc3339(trimmed).map(|it| it.to_string()),
        Type::Version => version(trimmed)
            .map(|parts| parts.iter().map(u64::to_string).collect::<Vec<_>>().join(".")),
        Type::Quantity => quantity(trimmed).map(|it| it.to_string()),
    }
}

/// How two spellings of one type compare; `None` where the type has no order, or a side is not of it.
pub fn compare(kind: Type, left: &str, right: &str) -> Option<Ordering> {
    match kind {
        Type::Int => Some(left.trim().parse::<i64>().ok()?.cmp(&right.trim().parse::<i64>().ok()?)),
        Type::Duration => Some(seconds(left)?.cmp(&seconds(right)?)),
        Type::Version => Some(version(left)?.cmp(&version(right)?)),
        Type::Quantity => quantity(left)?.partial_cmp(&quantity(right)?),
        Type::Timestamp => {
            Some(crate::text::parse_rfc3339(left)?.cmp(&crate::text::parse_rfc3339(right)?))
        }
        Type::ObjectRef
        | Type::String
        | Type::Text
        | Type::Bool
        | Type::Guid
        | Type::K8sName
        | Type::AzureResourceId
        | Type::Host
        | Type::Ip
        | Type::Cidr
        | Type::Url => None,
    }
}

/// Whether the address lies in the block; `None` if either is not one.
pub fn contains_address(cidr: &str, address: &str) -> Option<bool> {
    let (network, bits) = block(cidr.trim())?;
    let address: IpAddr = address.trim().parse().ok()?;
    Some(match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            u32::from(network) & mask == u32::from(address) & mask
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            u128::from(network) & mask == u128::from(address) & mask
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    })
}

/// Seconds of `90s`, `10m`, `1h30m`, `2d`.
pub fn seconds(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut digits = String::new();
    let mut units = 0;
    for letter in text.trim().chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        let scale = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(scale)?)?;
        digits.clear();
        units += 1;
    }
    (units > 0 && digits.is_empty()).then_some(total)
}

fn block(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let bits: u8 = bits.parse().ok()?;
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || "-.".contains(it))
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 254
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "-._".contains(it))
}

/// A node names its machine `azure:///subscriptions/…`; the id is what follows the scheme.
fn resource_id(text: &str) -> Option<String> {
    let path = text.strip_prefix("azure://").unwrap_or(text).trim_end_matches('/');
    path.get(..15)
        .is_some_and(|start| start.eq_ignore_ascii_case("/subscriptions/"))
        .then(|| path.to_ascii_lowercase())
}

fn version(text: &str) -> Option<Vec<u64>> {
    let plain = text.trim().trim_start_matches('v');
    let core = plain.split(['-', '+']).next()?;
    core.split('.').map(|part| part.parse().ok()).collect()
}

fn quantity(text: &str) -> Option<f64> {
    let text = text.trim();
    let split = text.find(|it: char| it.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "" => 1.0,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|it| it * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_not_by_letter() {
        assert_eq!(compare(Type::Version, "v1.10.0", "1.9.2"), Some(Ordering::Greater));
        assert_eq!(compare(Type::Version, "latest", "1.9.2"), None);
    }

    #[test]
    fn an_address_lies_in_its_block() {
        assert_eq!(contains_address("10.0.0.0/8", "10.224.0.4"), Some(true));
        assert_eq!(contains_address("10.0.0.0/8", "20.61.100.99"), Some(false));
        assert_eq!(contains_address("0.0.0.0/0", "20.61.100.99"), Some(true));
        assert_eq!(contains_address("10.0.0.0/33", "10.0.0.1"), None);
    }

    #[test]
    fn durations_are_read_and_nonsense_is_not() {
        assert_eq!(seconds("1h30m"), Some(5_400));
        assert_eq!(seconds("10"), None);
        assert_eq!(seconds(""), None);
    }

    #[test]
    fn the_scheme_of_a_provider_id_is_not_part_of_the_resource_id() {
        assert_eq!(
            canonical(Type::AzureResourceId, "azure:///Subscriptions/a/resourceGroups/B/"),
            Some("/subscriptions/a/resourcegroups/b".to_owned())
        );
    }
}
